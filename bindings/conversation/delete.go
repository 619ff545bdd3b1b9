package conversation

import (
	"context"
	"fmt"
	"slices"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// DeleteParams selects conversations of an account.
type DeleteParams struct {
	OwnerUserID     string   `json:"ownerUserID" arg:"1,required" help:"the account whose list they are in"`
	UserIDs         []string `json:"userIDs" help:"its chats with these accounts"`
	GroupIDs        []string `json:"groupIDs" help:"its chats in these groups"`
	ConversationIDs []string `json:"conversationIDs" help:"these conversations"`
	All             bool     `json:"all" help:"in place of names: all that it has"`
	SilentDays      int64    `json:"silent_days" min:"1" help:"in place of names: those whose last message is older than so many days"`
}

// Row is the outcome for one conversation.
type Row struct {
	ConversationID string `json:"conversationID" column:"1" key:"true" help:"the conversation's id"`
	Status         string `json:"status" column:"2" help:"deleted, absent, or failed"`
	Error          string `json:"error,omitempty" column:"3" help:"why it failed; absent when it did not"`

	err *fault.Error
}

func deleteOp() bindings.Op {
	return bindings.Op{
		Name: "delete", Effect: bindings.Destroy,
		Doc:     "Delete conversations from the list of one account, with their settings.",
		Example: `conversation.delete{ownerUserID="alice", userIDs={"bob"}}`,
		Notes: "The other side keeps its own, and the messages stay stored: message.clear hides those, and the next message brings the conversation back. " +
			"The server does not say what it deleted, so the list is read first: status `deleted`, or `absent` (nothing to do: safe to repeat). silent_days selects here; a conversation without messages is not among them. " +
			"Servers up to 3.8.3 don't have the call: kind unsupported.",
		Run: bindings.Func(runDelete),
		Preview: bindings.PreviewOf(func(ctx context.Context, env *bindings.Env, p DeleteParams) (bindings.Preview, error) {
			ids, err := p.chosen(ctx, env)
			return bindings.Preview{Count: len(ids), Sample: ids[:min(len(ids), 5)],
				Text: fmt.Sprintf("delete %d conversations of %s", len(ids), p.OwnerUserID)}, err
		}),
		Before: bindings.BeforeOf(func(ctx context.Context, env *bindings.Env, p DeleteParams) ([]Conversation, error) {
			ids, err := p.chosen(ctx, env)
			if err != nil {
				return nil, err
			}
			return several(ctx, env, p.OwnerUserID, ids)
		}),
	}
}

// chosen are the ids that the call is for.
func (p DeleteParams) chosen(ctx context.Context, env *bindings.Env) ([]string, error) {
	if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
		return nil, err
	}
	var ids []string
	for _, by := range []struct {
		field string
		names []string
		id    func(string) string
	}{
		{"userIDs", p.UserIDs, func(id string) string {
			return openim.PairConversation(openim.ChatConversation, p.OwnerUserID, id)
		}},
		{"groupIDs", p.GroupIDs, func(id string) string { return openim.GroupConversation(openim.ChatConversation, id) }},
		{"conversationIDs", p.ConversationIDs, func(id string) string { return id }},
	} {
		if by.names == nil {
			continue
		}
		names, err := bindings.CheckIDs(by.field, by.names)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if id := by.id(name); !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	ways := 0
	for _, used := range []bool{len(ids) > 0, p.All, p.SilentDays > 0} {
		if used {
			ways++
		}
	}
	switch {
	case ways != 1:
		return nil, fault.New(fault.Usage, "name the conversations (userIDs, groupIDs, conversationIDs), or give all or silent_days alone").WithHint("nothing was sent")
	case p.All:
		every, err := allIDs(ctx, env, p.OwnerUserID, 0)
		return every.ConversationIDs, err
	case p.SilentDays == 0:
		return ids, nil
	}
	limit := env.Now().AddDate(0, 0, -int(p.SilentDays)).UnixMilli()
	rows, err := positions(ctx, env, p.OwnerUserID, nil)
	for _, r := range rows {
		if r.MaxSeq > 0 && r.MaxSeqTime > 0 && r.MaxSeqTime < limit {
			ids = append(ids, r.ConversationID)
		}
	}
	return ids, err
}

func runDelete(ctx context.Context, env *bindings.Env, p DeleteParams) ([]Row, error) {
	ids, err := p.chosen(ctx, env)
	if err != nil {
		return nil, err
	}
	there, err := several(ctx, env, p.OwnerUserID, ids)
	if err != nil {
		return nil, err
	}
	gone := absent(there, ids)
	rows := make([]Row, 0, len(ids))
	for _, id := range gone {
		rows = append(rows, Row{ConversationID: id, Status: "absent"})
	}
	todo := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(gone, id) })
	bindings.Batches(todo, batch, func(some []string) error {
		_, err := env.API.Call(ctx, "/conversation/delete_conversations", value.NewObject("ownerUserID", p.OwnerUserID, "conversationIDs", some))
		return err
	}, func(id string, failure error) {
		r := Row{ConversationID: id, Status: "deleted"}
		if failure != nil {
			r.err = fault.From(failure)
			r.Status, r.Error = "failed", r.err.Error()
		}
		rows = append(rows, r)
	})
	bindings.Arrange(rows, ids, func(r Row) string { return r.ConversationID })
	if i := slices.IndexFunc(rows, func(r Row) bool { return r.err != nil }); i >= 0 && rows[i].err.Kind == fault.Unsupported {
		return nil, rows[i].err
	}
	return rows, bindings.PartialError(rows, "not deleted", func(r Row) (string, *fault.Error) { return r.ConversationID, r.err })
}
