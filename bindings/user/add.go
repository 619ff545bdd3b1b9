package user

import (
	"context"
	"strings"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/fault"
)

// AddParams are the parameters of user.add.
type AddParams struct {
	UserID           string          `arg:"1,required" help:"the new account's id: letters, digits and _ only"`
	Nickname         string          `arg:"2" help:"the name that others see; the userID when left out"`
	FaceURL          string          `help:"address of the picture"`
	Ex               string          `help:"free text for the application"`
	AppMangerLevel   int32           `min:"0" help:"0 ordinary user, 2 admin, 3 notification account, 4 robot; message server only"`
	GlobalRecvMsgOpt int32           `min:"0" help:"0 receive, 1 do not receive, 2 receive without a notification"`
	Account          string          `help:"chat server: login name, letters and digits only"`
	AreaCode         string          `help:"chat server: country code of the phone number, like +86"`
	PhoneNumber      string          `help:"chat server: phone number to log in with"`
	Email            string          `help:"chat server: e-mail address to log in with"`
	Password         bindings.Secret `help:"chat server: password; only its md5 leaves imctl"`
	Gender           *int32          `min:"0" help:"chat server: 0 female, 1 male, 2 unknown"`
	Birth            int64           `help:"chat server: date of birth in Unix milliseconds"`
}

// AddResult is the result of user.add.
type AddResult struct {
	UserID    string   `key:"true" column:"1" help:"the new account's id"`
	Nickname  string   `column:"2" help:"the name that others see"`
	Via       string   `column:"3" help:"im: message server alone; chat: through the chat server"`
	CanLogin  bool     `column:"4" help:"whether the person can log in with a password"`
	Meaning   string   `help:"what via means for this account"`
	NotStored []string `json:"notStored,omitempty" help:"fields that found no place"`
}

func addOp() bindings.Op {
	return bindings.Op{
		Name: "add", Effect: bindings.Write,
		Doc: "Register one account.",
		Notes: "With a chat server configured, and a login name, phone, e-mail or password given, the account is made through the chat server, so that the person can log in. " +
			"Else it is made on the message server alone, where nobody logs in with a password: an application of your own, or user.token, hands out its tokens. The field via says which it was.\n" +
			"The chat server refuses a login name alone: it wants an e-mail address, or areaCode and phoneNumber, beside it.\n" +
			"It makes its own record first and takes nothing back when the message server refuses, so the id is looked up before.",
		Example: `user.add{userID="alice", nickname="Alice"}`,
		Run:     bindings.Func(runAdd), Undo: bindings.UndoOf(undoAdd),
	}
}

func runAdd(ctx context.Context, env *bindings.Env, p AddParams) (AddResult, error) {
	if err := checkNewID("userID", p.UserID); err != nil {
		return AddResult{}, err
	}
	if p.Nickname == "" {
		p.Nickname = p.UserID
	}
	if strings.TrimSpace(p.Nickname) == "" {
		return AddResult{}, usage("nickname is blank: the server wants a name")
	}
	if env.API.HasChat() && p.login().wanted() {
		return addByChat(ctx, env, p)
	}
	res := AddResult{
		UserID: p.UserID, Nickname: p.Nickname, Via: "im",
		Meaning:   "made on the message server alone: nobody can log in with a password; tokens come from an application of your own, or user.token",
		NotStored: p.login().named(),
	}
	err := register(ctx, env, []NewUser{p.newUser()})
	if err != nil {
		if fault.Is(err, fault.Exists) {
			return AddResult{}, sayExists(err, p.UserID)
		}
		return AddResult{}, err
	}
	if len(res.NotStored) > 0 {
		env.Warning("no chat server is configured: %s of %s found no place", strings.Join(res.NotStored, ", "), p.UserID)
	}
	return res, nil
}

// addByChat makes the account through the chat server. /user/import/json with one user is used because
// /account/add_user answers an empty body on any failure (CHAT-ADMIN, Add a user).
func addByChat(ctx context.Context, env *bindings.Env, p AddParams) (AddResult, error) {
	login := p.login()
	if err := login.check(); err != nil {
		return AddResult{}, err
	}
	if p.AppMangerLevel != 0 {
		return AddResult{}, usage("appMangerLevel %d: an account with a login is an ordinary one; leave the login fields out", p.AppMangerLevel)
	}
	found, err := known(ctx, env, []string{p.UserID})
	if err != nil {
		return AddResult{}, err
	}
	if found[p.UserID] {
		return AddResult{}, fault.New(fault.Exists, "the account %s is registered already", p.UserID).WithHint("nothing was sent")
	}
	if err := importOne(ctx, env, p.newUser(), login); err != nil {
		return AddResult{}, err
	}
	res := AddResult{
		UserID: p.UserID, Nickname: p.Nickname, Via: "chat", CanLogin: login.Password != "",
		Meaning: "made through the chat server: the person can log in with the password",
	}
	if !res.CanLogin {
		res.Meaning = "made through the chat server without a password: the person can log in with a code sent to the phone or e-mail, or after user.reset_password"
	}
	if p.Ex == "" && p.GlobalRecvMsgOpt == 0 {
		return res, nil
	}
	// The chat server passes neither on to the message server.
	if err := updateIM(ctx, env, changes(p.UserID, nil, nil, some(p.Ex), some(p.GlobalRecvMsgOpt))); err != nil {
		e := fault.From(err)
		return res, fault.New(fault.Partial, "the account %s was made, but ex and globalRecvMsgOpt were not set: %w", p.UserID, e)
	}
	return res, nil
}

func (p AddParams) newUser() NewUser {
	return NewUser{p.UserID, p.Nickname, p.FaceURL, p.Ex, p.AppMangerLevel, p.GlobalRecvMsgOpt}
}

func (p AddParams) login() login {
	return login{p.Account, p.AreaCode, p.PhoneNumber, p.Email, p.Password, p.Gender, p.Birth}
}

// sayExists names the id that the server did not.
func sayExists(err error, id string) error {
	e := *fault.From(err)
	if !strings.Contains(e.Message, id) {
		e.Message += ": " + id
	}
	e.Hint = "user.get shows the account, user.update changes it"
	return &e
}

// some is a pointer to v, or nil for the zero value.
func some[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
