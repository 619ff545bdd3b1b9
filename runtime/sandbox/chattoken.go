package sandbox

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	chatSecret     = "chat123" // the shipped secret of the chat server's tokens
	chatUserKind   = 1         // a token of a user
	chatAdminKind  = 2         // a token of an admin
	imTokenRenewal = 4 * time.Minute
)

// chatClaims are the claims of a chat token.
type chatClaims struct {
	UserID   string
	UserType int32
	jwt.RegisteredClaims
}

func chatTokenKey(userID string) string { return "CHAT_UID_TOKEN_STATUS:" + userID }

// chatToken makes a chat token and lists it in Redis.
func (c *call) chatToken(userID string, kind int32) (string, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, chatClaims{
		UserID:   userID,
		UserType: kind,
		RegisteredClaims: jwt.RegisteredClaims{
			ExpiresAt: jwt.NewNumericDate(c.now.Add(tokenLife)),
			IssuedAt:  jwt.NewNumericDate(c.now),
		},
	}).SignedString([]byte(chatSecret))
	if err != nil {
		return "", err
	}
	c.redis.HSet(chatTokenKey(userID), token, tokenNormal)
	c.redis.SetTTL(chatTokenKey(userID), tokenLife)
	return token, nil
}

// authenticateChat is the token check of the chat server's user API: both kinds.
func (s *Server) authenticateChat(c *call, token string) error {
	var claims chatClaims
	if err := parseJWT(token, []byte(chatSecret), &claims, s.clock); err != nil {
		return err
	}
	if s.redis.HGet(chatTokenKey(claims.UserID), token) == "" {
		return fail(codeChatTokenNotThere, "token does not exist")
	}
	c.userID, c.admin = claims.UserID, claims.UserType == chatAdminKind
	return nil
}

// authenticateChatAdmin is that of the admin API, which takes admins' tokens only.
func (s *Server) authenticateChatAdmin(c *call, token string) error {
	if err := s.authenticateChat(c, token); err != nil {
		return err
	}
	if !c.admin {
		return argsError("token type error")
	}
	return nil
}

// imAdminToken is the chat server's own IM admin token. It is kept for some minutes,
// since every new one would retire the one before.
func (c *call) imAdminToken() (string, error) {
	kept := &c.chat.imToken
	if c.now.Sub(kept.made) < imTokenRenewal {
		if _, err := c.tokens.check(kept.token); err == nil {
			return kept.token, nil
		}
	}
	token, err := c.tokens.createAdmin(c.cfg.AdminUserID, c.now)
	if err == nil {
		kept.token, kept.made = token, c.now
	}
	return token, err
}
