package user

import (
	"context"
	"iter"
	"regexp"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// FindParams are the parameters of user.find.
type FindParams struct {
	Keyword    string `arg:"1" help:"text in the userID or the nickname; with via=\"chat\" also in the login name, phone or e-mail"`
	UserID     string `help:"text in the userID"`
	Nickname   string `help:"text in the nickname"`
	Exact      bool   `help:"the whole userID or nickname must be the text; case still does not count"`
	Regex      bool   `help:"the texts are regular expressions (MongoDB's), not plain text"`
	Via        string `default:"im" enum:"im,chat" help:"ask the message server, or the chat server for login names, phones and e-mails"`
	Limit      int64  `min:"0" help:"stop after so many accounts; 0 lists all"`
	ShowNumber int64  `default:"1000" min:"1" help:"accounts in one page"`
}

// filter holds the expressions of /user/get_users; the server joins them by OR.
type filter struct{ userID, nickname string }

func findOp() bindings.Op {
	return bindings.Op{
		Name: "find", Effect: bindings.Read,
		Doc: "Find accounts by a text in their userID or nickname.",
		Notes: "Case does not count. The server takes regular expressions: the text is escaped unless regex=true.\n" +
			"With both userID and nickname given the server lists accounts that match either. Only ordinary accounts (levels 0 and 1) are found.",
		Example: `for u in user.find("smith") do print(u.userID, u.nickname) end`,
		Run:     bindings.Stream(runFind),
	}
}

func runFind(ctx context.Context, env *bindings.Env, p FindParams) iter.Seq2[User, error] {
	f, err := p.filter()
	if err != nil {
		return func(yield func(User, error) bool) { yield(User{}, err) }
	}
	if p.Via == "chat" {
		return first(chatFind(ctx, env, p), p.Limit)
	}
	return first(ordinary(ctx, env, f, p.ShowNumber), p.Limit)
}

// filter makes the expressions that the server wants.
func (p FindParams) filter() (filter, error) {
	switch {
	case p.Keyword == "" && p.UserID == "" && p.Nickname == "":
		return filter{}, fault.New(fault.Usage, "missing field keyword: text to look for (or userID, or nickname); user.list lists all accounts")
	case p.Keyword != "" && (p.UserID != "" || p.Nickname != ""):
		return filter{}, fault.New(fault.Usage, "keyword already looks in userID and nickname: give it alone")
	case p.Via == "chat" && p.Keyword == "":
		return filter{}, fault.New(fault.Usage, "missing field keyword: the chat server looks for one text in all its fields")
	case p.Via == "chat" && (p.Regex || p.Exact):
		return filter{}, fault.New(fault.Usage, "exact and regex are of no use with via=\"chat\": the chat server looks for plain text")
	}
	f := filter{p.UserID, p.Nickname}
	if p.Keyword != "" {
		f = filter{p.Keyword, p.Keyword}
	}
	return filter{p.expression(f.userID), p.expression(f.nickname)}, nil
}

func (p FindParams) expression(text string) string {
	if text == "" {
		return ""
	}
	if !p.Regex {
		text = regexp.QuoteMeta(text)
	}
	if p.Exact {
		text = "^(?:" + text + ")$"
	}
	return text
}

// chatFind asks the chat server, whose keyword looks in userID, account, nickname, phone and e-mail (CHAT-ADMIN, Search).
func chatFind(ctx context.Context, env *bindings.Env, p FindParams) iter.Seq2[User, error] {
	type answer struct {
		Total int64
		Users []*value.Object
	}
	return bindings.Pages(env, "accounts", p.ShowNumber, func(u User) string { return u.UserID },
		func(number, size int64) ([]User, int64, error) {
			const path = "/user/search/full"
			ans, err := env.API.ChatAPI(ctx, path, value.NewObject(
				"keyword", p.Keyword, "pagination", bindings.Pagination(number, size), "genders", int64(0), "normal", int64(0)))
			got, err := openim.Decode[answer](path, ans, err)
			if err != nil {
				return nil, 0, err
			}
			users := make([]User, len(got.Users))
			for i, o := range got.Users {
				if err := value.Into(value.NewObject("userID", member(o, "userID"), "nickname", member(o, "nickname"),
					"faceURL", member(o, "faceURL")), &users[i]); err != nil {
					return nil, 0, fault.New(fault.API, "the answer to %s is not of the known form: %w", path, err)
				}
				users[i].merge(o)
			}
			return users, got.Total, nil
		})
}

func member(o *value.Object, name string) any {
	v, _ := o.Get(name)
	return v
}
