package conversation

import (
	"context"
	"slices"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// GetParams names one conversation.
type GetParams struct {
	OwnerUserID string `json:"ownerUserID" arg:"1,required" help:"the account whose list it is in"`
	Which
}

func getOp() bindings.Op {
	return bindings.Op{
		Name: "get", Effect: bindings.Read,
		Doc:     "Show one conversation of an account.",
		Example: `conversation.get{ownerUserID="alice", userID="bob"}`,
		Notes: "The id is made by the server's rule from userID or groupID. A conversation that the account does not have is an error of kind not_found. " +
			"One that was just made by a setting may read as missing for up to 60 seconds.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p GetParams) (Conversation, error) {
			id, err := p.id(p.OwnerUserID)
			if err != nil {
				return Conversation{}, err
			}
			return one(ctx, env, p.OwnerUserID, id)
		}),
	}
}

// FindParams names conversations of an account.
type FindParams struct {
	OwnerUserID     string   `json:"ownerUserID" arg:"1,required" help:"the account whose list they are in"`
	ConversationIDs []string `json:"conversationIDs" arg:"2...,required" help:"the conversations"`
}

func findOp() bindings.Op {
	return bindings.Op{
		Name: "find", Effect: bindings.Read,
		Doc:     "Show those of the named conversations that an account has.",
		Example: `conversation.find{ownerUserID="alice", conversationIDs={"si_alice_bob", "sg_g1"}}`,
		Notes:   "The server leaves out what the account does not have; that is said on stderr. The rows come in the order in which the ids were given.",
		Run: bindings.Func(func(ctx context.Context, env *bindings.Env, p FindParams) ([]Conversation, error) {
			if err := bindings.CheckID("ownerUserID", p.OwnerUserID); err != nil {
				return nil, err
			}
			ids, err := bindings.CheckIDs("conversationIDs", p.ConversationIDs)
			if err != nil {
				return nil, err
			}
			rows, err := several(ctx, env, p.OwnerUserID, ids)
			if err != nil {
				return nil, err
			}
			if len(rows) == 0 {
				if err := bindings.MustBeKnown(ctx, env, p.OwnerUserID); err != nil {
					return nil, err
				}
			}
			if missing := absent(rows, ids); len(missing) > 0 {
				env.Warning("%s has no conversation %s", p.OwnerUserID, strings.Join(missing, ", "))
			}
			bindings.Arrange(rows, ids, func(c Conversation) string { return c.ConversationID })
			return rows, nil
		}),
	}
}

// absent are the ids that no row has.
func absent(rows []Conversation, ids []string) []string {
	var out []string
	for _, id := range ids {
		if !slices.ContainsFunc(rows, func(c Conversation) bool { return c.ConversationID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// target returns the conversation that a write is for, and whether the owner has it already. One that it does not have
// must be of accounts and groups that exist, which the server does not check.
func target(ctx context.Context, env *bindings.Env, owner string, w Which) (c Conversation, there bool, err error) {
	id, err := w.id(owner)
	if err != nil {
		return c, false, err
	}
	c, err = one(ctx, env, owner, id)
	if !fault.Is(err, fault.NotFound) {
		return c, err == nil, err
	}
	if w.ConversationID != "" {
		return c, false, fault.From(err).WithHint("nothing was sent; to make it, name userID or groupID: an id can't be taken apart")
	}
	if w.GroupID != "" {
		err = groupMustBeKnown(ctx, env, w.GroupID)
	}
	if w.GroupID == "" || err == nil {
		err = bindings.MustBeKnown(ctx, env, known(owner, w.UserID)...)
	}
	return w.blank(owner, id), false, err
}

func known(owner, other string) []string {
	if other == "" || other == owner {
		return []string{owner}
	}
	return []string{owner, other}
}
