package message

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/openim"
)

// CheckSentParams names the call that sent.
type CheckSentParams struct {
	OperationID string `json:"operationID" arg:"1,required" help:"the operationID of the call that sent, as its error or the trace shows it"`
}

// CheckSentResult says what the server knows of it.
type CheckSentResult struct {
	OperationID string `json:"operationID" column:"1" key:"true" help:"the operationID of the call"`
	Sent        bool   `json:"sent" column:"2" help:"the server has sent it; false: it does not know of it"`
	Status      int64  `json:"status" column:"3" help:"the server's own: 2 sent, 0 unknown"`
}

func checkSentOp() bindings.Op {
	return bindings.Op{
		Name: "check_sent", Effect: bindings.Read,
		Doc:     "Tell whether the server has sent a message, by the operationID of the call.",
		Example: `message.check_sent("0bsr980ue1795582469561")`,
		Notes: "For a send whose answer did not come. The server keeps the outcome for 24 hours and does not tell a call that it never got from one that is older or that failed. " +
			"message.send asks this by itself and puts the answer into the hint of its error.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p CheckSentParams) (CheckSentResult, error) {
			type answer struct {
				Status int64 `json:"status"`
			}
			if err := bindings.CheckID("operationID", p.OperationID); err != nil {
				return CheckSentResult{}, err
			}
			a, err := openim.Do[answer](ctx, env.API, "/msg/check_msg_is_send_success", nil, openim.OperationID(p.OperationID))
			return CheckSentResult{OperationID: p.OperationID, Sent: a.Status == 2, Status: a.Status}, err
		}),
	}
}

// NoParams are none.
type NoParams struct{}

// ServerTime is the server's clock.
type ServerTime struct {
	ServerTime int64 `json:"serverTime" column:"1" help:"the server's clock, in ms"`
	Ahead      int64 `json:"ahead" column:"2" help:"how far it is ahead of the clock of this machine, in ms, the time of the call included"`
}

func serverTimeOp() bindings.Op {
	return bindings.Op{
		Name: "server_time", Effect: bindings.Read,
		Doc:     "Show the clock of the server.",
		Example: `message.server_time()`,
		Notes:   "In milliseconds. A clock that is far off makes tokens fail and puts messages into the wrong order.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, _ NoParams) (ServerTime, error) {
			out, err := openim.Do[ServerTime](ctx, env.API, "/msg/get_server_time", nil)
			out.Ahead = out.ServerTime - env.Now().UnixMilli()
			return out, err
		}),
	}
}
