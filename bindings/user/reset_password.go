package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/value"
)

// ResetPasswordParams are the parameters of user.reset_password.
type ResetPasswordParams struct {
	UserID   string          `arg:"1,required" help:"the account"`
	Password bindings.Secret `required:"true" help:"the new password; only its md5 leaves imctl"`
}

// ResetPasswordResult is the result of user.reset_password.
type ResetPasswordResult struct {
	UserID  string `key:"true" column:"1" help:"the account"`
	Reset   bool   `column:"2" help:"whether the new password holds"`
	Meaning string `column:"3" help:"what else happened"`
}

func resetPasswordOp() bindings.Op {
	return bindings.Op{
		Name: "reset_password", Effect: bindings.Write,
		Doc: "Set a new password for an account. Needs a chat server.",
		Notes: "The message server knows no passwords: without a chat server this is unsupported.\n" +
			"The user is logged out everywhere. The chat server compares the lower-case md5 of the password, unsalted: choose one that is used nowhere else.",
		Example: `user.reset_password{userID="alice", password=os.getenv("NEW_PASSWORD")}`,
		Run:     bindings.Func(runResetPassword),
	}
}

func runResetPassword(ctx context.Context, env *bindings.Env, p ResetPasswordParams) (ResetPasswordResult, error) {
	if err := checkIDs("userID", p.UserID); err != nil {
		return ResetPasswordResult{}, err
	}
	if err := checkNotOwn(env, p.UserID); err != nil {
		return ResetPasswordResult{}, err
	}
	if !env.API.HasChat() {
		return ResetPasswordResult{}, fault.New(fault.Unsupported, "no chat server is configured, and the message server keeps no passwords").
			WithHint("reset it in the application that logs your users in; user.logout ends the sessions of the account")
	}
	_, err := env.API.Chat(ctx, "/user/password/reset", value.NewObject("userID", p.UserID, "newPassword", md5Hex(p.Password)))
	if err != nil {
		return ResetPasswordResult{}, sayWho(err, p.UserID)
	}
	return ResetPasswordResult{p.UserID, true, "the user was logged out everywhere"}, nil
}
