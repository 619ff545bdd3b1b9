package user

import (
	"context"
	"time"

	"github.com/openimsdk/imctl/bindings"
)

// TokenParams are the parameters of user.token.
type TokenParams struct {
	UserID     string `arg:"1,required" help:"the account to act as"`
	Platform   string `arg:"2" help:"the platform by name: ios, android, windows, osx, web, miniweb, linux, androidpad, ipad, harmonyos or bot; linux when left out"`
	PlatformID int32  `min:"0" help:"the platform by id, 1 to 12"`
	Show       bool   `help:"show the token"`
}

// TokenResult is the result of user.token.
type TokenResult struct {
	UserID            string    `key:"true" column:"1" help:"the account"`
	PlatformID        int32     `help:"the platform's id"`
	Platform          string    `column:"2" help:"the platform's name"`
	Token             string    `column:"3" help:"the token, or *** without show"`
	ExpireTimeSeconds int64     `column:"4" help:"seconds that the token is good for"`
	Expires           time.Time `help:"when it ends"`
}

func tokenOp() bindings.Op {
	return bindings.Op{
		Name: "token", Effect: bindings.Read,
		Doc: "Get a token to act as a user on a platform.",
		Notes: "With the server's default policy a new token ends the session that the user has on that platform: the default here is linux, where few people are.\n" +
			"Whoever has the token is the user until it ends; it is shown only with show=true. user.logout ends it.\n" +
			"Admins and notification accounts get none.",
		Example: `local t = user.token{userID="alice", platform="web", show=true}`,
		Run:     bindings.Func(runToken),
	}
}

func runToken(ctx context.Context, env *bindings.Env, p TokenParams) (TokenResult, error) {
	if err := checkIDs("userID", p.UserID); err != nil {
		return TokenResult{}, err
	}
	platform, err := platformOf(p.PlatformID, p.Platform)
	if err != nil {
		return TokenResult{}, err
	}
	switch platform {
	case 0:
		platform = 7 // linux; 0 would give a token that the gateway refuses (SERVER-BEHAVIOUR §3)
	case adminPlatform:
		return TokenResult{}, usage("platform admin: the server gives admin tokens to nobody but the admins of its share.yml")
	}
	token, life, err := env.API.UserToken(ctx, p.UserID, int(platform))
	if err != nil {
		return TokenResult{}, sayWho(err, p.UserID)
	}
	if !p.Show {
		token = "***"
	}
	return TokenResult{
		UserID: p.UserID, PlatformID: platform, Platform: platformName(platform), Token: token,
		ExpireTimeSeconds: int64(life / time.Second), Expires: env.Now().Add(life).UTC().Truncate(time.Second),
	}, nil
}
