package user

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
	"github.com/openimsdk/imctl/bindings/openim"
	"github.com/openimsdk/imctl/bindings/value"
)

// UpdateParams are the parameters of user.update. A field that is left out stays as it is; "" and 0 are set.
type UpdateParams struct {
	UserID           string  `arg:"1,required" help:"the account to change"`
	Nickname         *string `json:"nickname,omitempty" help:"the name that others see"`
	FaceURL          *string `json:"faceURL,omitempty" help:"address of the picture"`
	Ex               *string `json:"ex,omitempty" help:"free text for the application"`
	GlobalRecvMsgOpt *int32  `json:"globalRecvMsgOpt,omitempty" min:"0" help:"0 receive, 1 do not receive, 2 receive without a notification"`
	Account          *string `json:"account,omitempty" help:"chat server: login name"`
	AreaCode         *string `json:"areaCode,omitempty" help:"chat server: country code of the phone number, like +86"`
	PhoneNumber      *string `json:"phoneNumber,omitempty" help:"chat server: phone number"`
	Email            *string `json:"email,omitempty" help:"chat server: e-mail address"`
	Gender           *int32  `json:"gender,omitempty" min:"0" help:"chat server: 0 female, 1 male, 2 unknown"`
	Birth            *int64  `json:"birth,omitempty" help:"chat server: date of birth in Unix milliseconds"`
	AllowAddFriend   *int32  `json:"allowAddFriend,omitempty" min:"0" help:"chat server: 1 yes, 2 no"`
}

// UpdateResult is the result of user.update.
type UpdateResult struct {
	UserID   string   `key:"true" column:"1" help:"the account"`
	Changed  []string `column:"2" help:"fields that hold the new value now"`
	NotTaken []string `column:"3" help:"fields that the server answered success for and did not change"`
}

func updateOp() bindings.Op {
	return bindings.Op{
		Name: "update", Effect: bindings.Write,
		Doc: "Change fields of an account; fields that are not named stay.",
		Notes: "\"\" blanks a text. The account is read back afterwards: the server drops some changes silently, and notTaken names them.\n" +
			"appMangerLevel can't be changed: the server's call for it writes under another name.\n" +
			"With a chat server the nickname and the picture are changed there too, for an account that it has; login name, phone and the other attributes live only there.",
		Example: `user.update{userID="alice", nickname="Alice Li", ex=""}`,
		Run:     bindings.Func(runUpdate),
		Before:  before(func(p UpdateParams) string { return p.UserID }),
	}
}

func runUpdate(ctx context.Context, env *bindings.Env, p UpdateParams) (UpdateResult, error) {
	if err := checkIDs("userID", p.UserID); err != nil {
		return UpdateResult{}, err
	}
	im := changes(p.UserID, p.Nickname, p.FaceURL, p.Ex, p.GlobalRecvMsgOpt)
	chat := p.chatChanges()
	if im.Len() == 1 && chat.Len() == 1 {
		return UpdateResult{}, usage("nothing to change: name a field, like nickname or ex")
	}
	if p.GlobalRecvMsgOpt != nil && *p.GlobalRecvMsgOpt > 2 {
		return UpdateResult{}, usage("globalRecvMsgOpt: want 0, 1 or 2, got %d", *p.GlobalRecvMsgOpt)
	}
	if err := updateChat(ctx, env, p, chat); err != nil {
		return UpdateResult{}, err
	}
	if im.Len() > 1 {
		if err := updateIM(ctx, env, im); err != nil {
			return UpdateResult{}, sayWho(err, p.UserID)
		}
	}
	return readBack(ctx, env, p.UserID, im, chat)
}

// chatChanges are the changes that only the chat server stores.
func (p UpdateParams) chatChanges() *value.Object {
	o := value.NewObject("userID", p.UserID)
	v := reflect.ValueOf(p)
	for _, name := range []string{"Account", "AreaCode", "PhoneNumber", "Email", "Gender", "Birth", "AllowAddFriend"} {
		if f := v.FieldByName(name); !f.IsNil() {
			o.Set(strings.ToLower(name[:1])+name[1:], value.From(f.Elem().Interface()))
		}
	}
	return o
}

// updateChat changes the chat server's record (CHAT-ADMIN, /user/update). Without fields of its own only the name and
// the picture go there, and only for an account that it has.
func updateChat(ctx context.Context, env *bindings.Env, p UpdateParams, attrs *value.Object) error {
	body := value.NewObject()
	for _, k := range attrs.Keys() {
		v, _ := attrs.Get(k)
		body.Set(k, v)
	}
	for _, f := range []struct {
		name string
		text *string
	}{{"nickname", p.Nickname}, {"faceURL", p.FaceURL}} {
		if f.text != nil {
			body.Set(f.name, *f.text)
		}
	}
	if body.Len() == 1 || attrs.Len() == 1 && !env.API.HasChat() {
		return nil
	}
	if attrs.Len() == 1 {
		found, err := attributes(ctx, env, []string{p.UserID})
		if err != nil {
			env.Warning("the chat server was not asked to change %s: %v", p.UserID, err)
			return nil
		}
		if found[p.UserID] == nil {
			return nil
		}
	}
	_, err := env.API.ChatAPI(ctx, "/user/update", body)
	return sayWho(err, p.UserID)
}

// readBack compares the account with what was asked for. Caches of a cluster may be a moment behind.
func readBack(ctx context.Context, env *bindings.Env, id string, im, chat *value.Object) (UpdateResult, error) {
	const tries, pause = 3, 200 * time.Millisecond
	for try := 1; ; try++ {
		res := UpdateResult{UserID: id}
		if im.Len() > 1 {
			u, err := rawUser(ctx, env, id)
			if err != nil {
				return res, err
			}
			res.compare(im, u)
		}
		if chat.Len() > 1 {
			found, err := attributes(ctx, env, []string{id})
			if err != nil {
				return res, err
			}
			u := found[id]
			if u == nil {
				u = value.NewObject()
			}
			res.compare(chat, u)
		}
		if len(res.NotTaken) == 0 {
			return res, nil
		}
		if try == tries {
			env.Warning("the server answered success and did not change %s of %s", strings.Join(res.NotTaken, ", "), id)
			return res, nil
		}
		if err := bindings.Wait(ctx, pause); err != nil {
			return res, err
		}
	}
}

func (r *UpdateResult) compare(asked, is *value.Object) {
	for _, k := range asked.Keys() {
		if k == "userID" {
			continue
		}
		want, _ := asked.Get(k)
		got, there := is.Get(k)
		if want == got || !there && slices.Contains([]any{"", int64(0)}, want) {
			r.Changed = append(r.Changed, k)
		} else {
			r.NotTaken = append(r.NotTaken, k)
		}
	}
}

func rawUser(ctx context.Context, env *bindings.Env, id string) (*value.Object, error) {
	type answer struct{ UsersInfo []*value.Object }
	got, err := openim.Do[answer](ctx, env.API, "/user/get_users_info", value.NewObject("userIDs", value.List{id}))
	if err != nil {
		return nil, err
	}
	if len(got.UsersInfo) == 0 {
		return nil, notFound([]string{id})
	}
	return got.UsersInfo[0], nil
}

// sayWho adds the id to an error of the server that does not name it.
func sayWho(err error, id string) error {
	if err == nil {
		return nil
	}
	e := *fault.From(err)
	if (e.Kind == fault.NotFound || e.Kind == fault.API) && !strings.Contains(e.Message, id) {
		e.Message += " (" + id + ")"
	}
	return &e
}
