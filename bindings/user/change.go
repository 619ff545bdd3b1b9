package user

import (
	"context"

	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/value"
)

// changes is the userInfo of /user/update_user_info_ex: a nil leaves a field alone (SERVER-BEHAVIOUR §2, wrappers).
func changes(userID string, nickname, faceURL, ex *string, recvOpt *int32) *value.Object {
	o := value.NewObject("userID", userID)
	for _, f := range []struct {
		name string
		text *string
	}{{"nickname", nickname}, {"faceURL", faceURL}, {"ex", ex}} {
		if f.text != nil {
			o.Set(f.name, *f.text)
		}
	}
	if recvOpt != nil {
		o.Set("globalRecvMsgOpt", int64(*recvOpt))
	}
	return o
}

// updateIM changes an account on the message server, only the fields that info has.
func updateIM(ctx context.Context, env *bindings.Env, info *value.Object) error {
	_, err := env.API.Call(ctx, "/user/update_user_info_ex", value.NewObject("userInfo", info))
	return err
}
