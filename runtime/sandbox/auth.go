package sandbox

// The area auth (SERVER-BEHAVIOUR §3 and §6).
func authEndpoints() []endpoint {
	return []endpoint{
		{path: "/auth/get_admin_token", access: noToken, run: handle(getAdminToken)},
		{path: "/auth/get_user_token", access: adminOnly, run: handle(getUserToken)},
		{path: "/auth/parse_token", access: noToken, reads: true, run: handle(parseToken)},
		{path: "/auth/force_logout", access: adminOnly, run: handle(forceLogout)},
	}
}

// authenticate is the token check of the IM server's router.
func (s *Server) authenticate(c *call, token string) error {
	claims, err := s.tokens.check(token)
	if err != nil {
		return err
	}
	c.userID, c.platformID = claims.UserID, claims.PlatformID
	c.admin = claims.UserID == s.cfg.AdminUserID
	return nil
}

// tokenAnswer gives a lifetime, not a time of expiry.
type tokenAnswer struct {
	Token             string `json:"token"`
	ExpireTimeSeconds int64  `json:"expireTimeSeconds"`
}

func newTokenAnswer(token string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return tokenAnswer{Token: token, ExpireTimeSeconds: int64(tokenLife.Seconds())}, nil
}

type adminTokenReq struct{ Secret, UserID string }

func (r adminTokenReq) check() error { return required("userID", r.UserID) }

func getAdminToken(c *call, req adminTokenReq) (any, error) {
	if req.Secret != c.cfg.Secret {
		return nil, noPermission("secret invalid")
	}
	if req.UserID != c.cfg.AdminUserID {
		return nil, argsError("userID is not an admin")
	}
	return newTokenAnswer(c.tokens.createAdmin(req.UserID, c.now))
}

type userTokenReq struct {
	PlatformID int32
	UserID     string
}

// getUserToken takes platform 0: the check of the real server does nothing.
func getUserToken(c *call, req userTokenReq) (any, error) {
	if req.PlatformID == adminPlatform || req.UserID == c.cfg.AdminUserID {
		return nil, noPermission("no user token for an admin")
	}
	u, ok := c.users.get(req.UserID)
	if !ok {
		return nil, notFound("user not found")
	}
	if u.AppMangerLevel >= notificationLevel {
		return nil, argsError("no token for a notification account")
	}
	return newTokenAnswer(c.tokens.createUser(req.UserID, req.PlatformID, c.now))
}

type parseTokenReq struct{ Token string }

func (r parseTokenReq) check() error { return required("token", r.Token) }

func parseToken(c *call, req parseTokenReq) (any, error) {
	claims, err := c.tokens.check(req.Token)
	if err != nil {
		return nil, err
	}
	return struct {
		UserID            string `json:"userID"`
		PlatformID        int32  `json:"platformID"`
		ExpireTimeSeconds int64  `json:"expireTimeSeconds"` // an absolute time here
	}{claims.UserID, claims.PlatformID, claims.ExpiresAt.Unix()}, nil
}

type forceLogoutReq struct {
	PlatformID int32
	UserID     string
}

func (r forceLogoutReq) check() error {
	return first(
		required("userID", r.UserID),
		checkPlatform(r.PlatformID),
	)
}

func checkPlatform(id int32) error {
	if id < 1 || id > lastPlatform {
		return argsError("platformID is invalid")
	}
	return nil
}

func forceLogout(c *call, req forceLogoutReq) (any, error) {
	c.logout(req.UserID, req.PlatformID)
	return nil, nil
}

// logout kicks the connections and the tokens of a user on a platform; success for anyone.
func (c *call) logout(userID string, platformID int32) {
	c.tokens.kick(userID, platformID)
	c.gateway.kickAll(c.state, userID, platformID)
}
