package user

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"strings"
	"unicode"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// login is what only the chat server stores of an account.
type login struct {
	Account, AreaCode, PhoneNumber, Email string
	Password                              bindings.Secret
	Gender                                *int32
	Birth                                 int64
}

// wanted tells whether the account shall be made through the chat server.
func (l login) wanted() bool {
	return l.Account != "" || l.PhoneNumber != "" || l.Email != "" || l.Password != ""
}

// named lists the fields that are set.
func (l login) named() []string {
	var out []string
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"account", l.Account != ""}, {"areaCode", l.AreaCode != ""}, {"phoneNumber", l.PhoneNumber != ""},
		{"email", l.Email != ""}, {"password", l.Password != ""}, {"gender", l.Gender != nil}, {"birth", l.Birth != 0},
	} {
		if f.set {
			out = append(out, f.name)
		}
	}
	return out
}

// check applies the chat server's rules (CHAT-ADMIN, Add a user; SERVER-BEHAVIOUR §13).
func (l login) check() error {
	switch {
	case l.PhoneNumber != "" && l.AreaCode == "":
		return usage("missing field areaCode: the chat server wants it beside phoneNumber, like +86")
	case l.AreaCode != "" && !strings.HasPrefix(l.AreaCode, "+"):
		return usage("areaCode %q must begin with +, like +86", l.AreaCode)
	case l.AreaCode != "" && l.PhoneNumber == "":
		return usage("missing field phoneNumber: areaCode alone is no phone")
	case l.PhoneNumber == "" && l.Email == "":
		return usage("missing field email, or areaCode and phoneNumber: the chat server refuses an account without either")
	}
	for _, r := range l.Account {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return usage("account %q: the chat server takes letters and digits only", l.Account)
		}
	}
	return nil
}

// importOne makes one account on the chat server and, through it, on the message server.
func importOne(ctx context.Context, env *bindings.Env, u NewUser, l login) error {
	_, err := env.API.Chat(ctx, "/user/import/json", value.NewObject("users", value.List{chatUser(u, l)}))
	return err
}

// chatUser is an account in the form of the chat server's import (CHAT-ADMIN, RegisterUserInfo).
func chatUser(u NewUser, l login) *value.Object {
	o := value.NewObject("userID", u.UserID, "nickname", u.Nickname)
	for _, f := range []struct{ name, text string }{
		{"faceURL", u.FaceURL}, {"areaCode", l.AreaCode}, {"phoneNumber", l.PhoneNumber}, {"email", l.Email},
		{"account", l.Account}, {"password", md5Hex(l.Password)},
	} {
		if f.text != "" {
			o.Set(f.name, f.text)
		}
	}
	if l.Gender != nil {
		o.Set("gender", int64(*l.Gender))
	}
	if l.Birth != 0 {
		o.Set("birth", l.Birth)
	}
	return o
}

// md5Hex is the form of a password on the wire: lower-case md5 hex, compared as a string (CHAT-ADMIN, Login).
func md5Hex(password bindings.Secret) string {
	if password == "" {
		return ""
	}
	sum := md5.Sum([]byte(password))
	return hex.EncodeToString(sum[:])
}
