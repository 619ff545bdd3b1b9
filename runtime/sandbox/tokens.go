package sandbox

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	adminPlatform = 10
	tokenLife     = 90 * 24 * time.Hour // the shipped tokenPolicy.expire
	adminGrace    = 5 * time.Minute     // a replaced admin token works on for this long
)

// States of a token in Redis (DATA-MODEL, Redis keys).
const (
	tokenNormal = "0"
	tokenKicked = "2"
)

// platformNames are the names in the Redis keys.
var platformNames = map[int32]string{
	1: "IOS", 2: "Android", 3: "Windows", 4: "OSX", 5: "Web", 6: "MiniWeb", 7: "Linux",
	8: "APad", 9: "IPad", adminPlatform: "Admin", 11: "HarmonyOS", 12: "Bot",
}

const lastPlatform = 12

// tokens makes and checks the IM server's tokens. A token is good only while the list
// in Redis has it (SERVER-BEHAVIOUR §3).
type tokens struct {
	redis  *keyStore
	secret []byte
	clock  func() time.Time
}

type claims struct {
	UserID     string
	PlatformID int32
	jwt.RegisteredClaims
}

func tokenKey(userID string, platformID int32) string {
	return fmt.Sprintf("UID_PID_TOKEN_STATUS:%s:%s", userID, platformNames[platformID])
}

func graceKey(userID string, platformID int32, token string) string {
	return fmt.Sprintf("UID_PID_TOKEN_STATUS::TEMPORARY:%s:%s:%s", userID, platformNames[platformID], token)
}

// sign makes a token; iat lies 5 s in the past, as on the real server. Two made in
// the same second for the same user and platform are the same string.
func (t *tokens) sign(userID string, platformID int32, now time.Time) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		UserID:     userID,
		PlatformID: platformID,
		RegisteredClaims: jwt.RegisteredClaims{
			ExpiresAt: jwt.NewNumericDate(now.Add(tokenLife)),
			IssuedAt:  jwt.NewNumericDate(now.Add(-5 * time.Second)),
		},
	}).SignedString(t.secret)
}

// list puts a token into the list of its user and platform.
func (t *tokens) list(userID string, platformID int32, token string) {
	key := tokenKey(userID, platformID)
	t.redis.HSet(key, token, tokenNormal)
	t.redis.SetTTL(key, tokenLife)
}

// states are the tokens of a user on a platform with the state of each.
func (t *tokens) states(userID string, platformID int32) map[string]string {
	key := tokenKey(userID, platformID)
	names, err := t.redis.HKeys(key)
	if err != nil { // no such key
		return nil
	}
	out := make(map[string]string, len(names))
	for _, name := range names {
		out[name] = t.redis.HGet(key, name)
	}
	return out
}

// createAdmin makes an admin token. The earlier ones leave the list and work on for
// the grace time.
func (t *tokens) createAdmin(userID string, now time.Time) (string, error) {
	token, err := t.sign(userID, adminPlatform, now)
	if err != nil {
		return "", err
	}
	key := tokenKey(userID, adminPlatform)
	for old, state := range t.states(userID, adminPlatform) {
		if old == token {
			continue
		}
		t.redis.HDel(key, old)
		if state == tokenNormal {
			grace := graceKey(userID, adminPlatform, old)
			if err := t.redis.Set(grace, ""); err != nil {
				return "", err
			}
			t.redis.SetTTL(grace, adminGrace)
		}
	}
	t.list(userID, adminPlatform, token)
	return token, nil
}

// createUser makes a user's token under multi-login policy 1: earlier tokens of the
// platform are kicked, those kicked before are swept.
func (t *tokens) createUser(userID string, platformID int32, now time.Time) (string, error) {
	token, err := t.sign(userID, platformID, now)
	if err != nil {
		return "", err
	}
	key := tokenKey(userID, platformID)
	for old, state := range t.states(userID, platformID) {
		if state == tokenNormal {
			t.redis.HSet(key, old, tokenKicked)
		} else {
			t.redis.HDel(key, old)
		}
	}
	t.list(userID, platformID, token)
	return token, nil
}

// kick marks all tokens of a user on a platform as kicked.
func (t *tokens) kick(userID string, platformID int32) {
	key := tokenKey(userID, platformID)
	for token := range t.states(userID, platformID) {
		t.redis.HSet(key, token, tokenKicked)
	}
}

// kickOne marks one token as kicked, if it is listed.
func (t *tokens) kickOne(userID string, platformID int32, token string) {
	if key := tokenKey(userID, platformID); t.redis.HGet(key, token) != "" {
		t.redis.HSet(key, token, tokenKicked)
	}
}

// checkFor checks a token that must be of a certain user and platform.
func (t *tokens) checkFor(raw, userID string, platformID int32) (claims, error) {
	c, err := t.check(raw)
	if err != nil {
		return claims{}, err
	}
	if c.UserID != userID || c.PlatformID != platformID {
		return claims{}, fail(codeTokenInvalid, "the token is of another user or platform")
	}
	return c, nil
}

// check tells whose token this is, or why it is none.
func (t *tokens) check(raw string) (claims, error) {
	var c claims
	if err := parseJWT(raw, t.secret, &c, t.clock); err != nil {
		return claims{}, err
	}
	switch t.redis.HGet(tokenKey(c.UserID, c.PlatformID), raw) {
	case tokenNormal:
		return c, nil
	case tokenKicked:
		return claims{}, fail(codeTokenKicked, "this token has been kicked by other same terminal")
	case "":
		if t.redis.Exists(graceKey(c.UserID, c.PlatformID, raw)) {
			return c, nil
		}
		return claims{}, fail(codeTokenNotExist, "token not exist")
	}
	return claims{}, fail(codeTokenInvalid, "token is invalid")
}

// parseJWT checks form, signature and expiry, with the codes of SERVER-BEHAVIOUR §3.
func parseJWT(raw string, secret []byte, into jwt.Claims, clock func() time.Time) error {
	_, err := jwt.ParseWithClaims(raw, into,
		func(*jwt.Token) (any, error) { return secret, nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithTimeFunc(clock))
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrTokenMalformed):
		return fail(codeTokenMalformed, err.Error())
	case errors.Is(err, jwt.ErrTokenExpired):
		return fail(codeTokenExpired, err.Error())
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return fail(codeTokenNotValidYet, err.Error())
	}
	return &apiError{code: codeTokenUnknown, msg: err.Error()}
}
