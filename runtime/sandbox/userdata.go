package sandbox

import (
	"maps"
	"slices"
)

// What a user can have stored: commands, and settings for its clients
// (SERVER-BEHAVIOUR §6, user).
func userDataEndpoints() []endpoint {
	return []endpoint{
		{path: "/user/process_user_command_add", run: handle(addCommand)},
		{path: "/user/process_user_command_delete", run: handle(deleteCommand)},
		{path: "/user/process_user_command_update", run: handle(updateCommand)},
		{path: "/user/process_user_command_get", reads: true, run: handle(getCommands)},
		{path: "/user/process_user_command_get_all", reads: true, run: handle(getAllCommands)},
		{path: "/user/get_user_client_config", newOnly: true, reads: true, run: handle(getClientConfig)},
		{path: "/user/set_user_client_config", newOnly: true, access: adminOnly, run: handle(setClientConfig)},
		{path: "/user/del_user_client_config", newOnly: true, access: adminOnly, run: handle(deleteClientConfig)},
		{path: "/user/page_user_client_config", newOnly: true, access: adminOnly, reads: true, run: handle(pageClientConfig)},
	}
}

// userCommand is a row of "userCommands": not unique, created in seconds.
type userCommand struct {
	userID     string
	n          int64  // of those made so far
	Type       int32  `json:"type"`
	CreateTime int64  `json:"createTime"`
	UUID       string `json:"uuid"`
	Value      string `json:"value"`
	Ex         string `json:"ex"`
}

type commandReq struct {
	UserID    string
	Type      int32
	UUID      string
	Value, Ex *string
}

func (r commandReq) check() error {
	return first(
		required("userID", r.UserID),
		requiredIf(r.Type == 0, "type"),
		required("uuid", r.UUID),
	)
}

// addCommand stores a given ex as the value, and loses it as ex.
func addCommand(c *call, req commandReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	cmd := &userCommand{userID: req.UserID, Type: req.Type, UUID: req.UUID, CreateTime: c.now.Unix()}
	set(&cmd.Value, req.Value)
	set(&cmd.Value, req.Ex)
	c.addUserCommand(cmd)
	c.tellUser(req.UserID, req.UserID, noteCommandAdded, fromTo{req.UserID, req.UserID})
	return nil, nil
}

func (st *state) addUserCommand(cmd *userCommand) {
	st.commandsMade++
	cmd.n = st.commandsMade
	st.commands[cmd.userID] = append(st.commands[cmd.userID], cmd)
	st.touched.touch(cmd)
}

// command finds the first stored command that a request names; -1 is none.
func (st *state) command(req commandReq) int {
	return slices.IndexFunc(st.commands[req.UserID], func(cmd *userCommand) bool {
		return cmd.Type == req.Type && cmd.UUID == req.UUID
	})
}

func deleteCommand(c *call, req commandReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	i := c.command(req)
	if i < 0 {
		return nil, notFound("no such command")
	}
	c.touched.touch(c.commands[req.UserID][i])
	c.commands[req.UserID] = slices.Delete(c.commands[req.UserID], i, i+1)
	c.tellUser(req.UserID, req.UserID, noteCommandDeleted, fromTo{req.UserID, req.UserID})
	return nil, nil
}

// updateCommand with nothing to set succeeds even when there is no such command.
func updateCommand(c *call, req commandReq) (any, error) {
	if err := c.self(req.UserID); err != nil {
		return nil, err
	}
	if req.Value == nil && req.Ex == nil {
		return nil, nil
	}
	i := c.command(req)
	if i < 0 {
		return nil, notFound("no such command")
	}
	cmd := c.commands[req.UserID][i]
	c.touched.touch(cmd)
	set(&cmd.Value, req.Value)
	set(&cmd.Ex, req.Ex)
	c.tellUser(req.UserID, req.UserID, noteCommandUpdated, fromTo{req.UserID, req.UserID})
	return nil, nil
}

type getCommandsReq struct {
	UserID string
	Type   int32
}

func (r getCommandsReq) check() error {
	return first(required("userID", r.UserID), requiredIf(r.Type == 0, "type"))
}

func getCommands(c *call, req getCommandsReq) (any, error) {
	return c.listCommands(req.UserID, req.Type)
}

func getAllCommands(c *call, req userIDReq) (any, error) {
	return c.listCommands(req.UserID, 0)
}

// listCommands lists the commands of one type, or of all for 0.
func (c *call) listCommands(userID string, kind int32) (any, error) {
	if err := c.self(userID); err != nil {
		return nil, err
	}
	var out []userCommand
	for _, cmd := range c.commands[userID] {
		if kind == 0 || cmd.Type == kind {
			out = append(out, *cmd)
		}
	}
	return struct {
		CommandResp []userCommand `json:"CommandResp"`
	}{out}, nil
}

// clientConfigKey: an empty userID is the set for everyone.
type clientConfigKey struct{ userID, key string }

type getClientConfigReq struct{ UserID string }

func getClientConfig(c *call, req getClientConfigReq) (any, error) {
	if req.UserID != "" {
		if err := c.self(req.UserID); err != nil {
			return nil, err
		}
	}
	configs := map[string]string{}
	for _, userID := range []string{"", req.UserID} { // a user's own lie over the global ones
		for k, v := range c.clientConfig.all() {
			if k.userID == userID {
				configs[k.key] = v
			}
		}
	}
	return struct {
		Configs map[string]string `json:"configs,omitempty"`
	}{configs}, nil
}

type setClientConfigReq struct {
	UserID  string
	Configs map[string]string
}

func setClientConfig(c *call, req setClientConfigReq) (any, error) {
	if req.UserID != "" && !c.users.has(req.UserID) {
		return nil, notFound("user not found")
	}
	for _, k := range slices.Sorted(maps.Keys(req.Configs)) {
		c.clientConfig.put(clientConfigKey{req.UserID, k}, req.Configs[k])
	}
	return nil, nil
}

type deleteClientConfigReq struct {
	UserID string
	Keys   []string
}

func deleteClientConfig(c *call, req deleteClientConfigReq) (any, error) {
	for _, k := range req.Keys {
		c.clientConfig.delete(clientConfigKey{req.UserID, k})
	}
	return nil, nil
}

type pageClientConfigReq struct {
	UserID, Key string
	Pagination  *pagination // not checked here
}

// pageClientConfig takes an empty filter as none, so the global set alone can't be listed.
func pageClientConfig(c *call, req pageClientConfigReq) (any, error) {
	type config struct {
		Key    string `json:"key"`
		UserID string `json:"userID"`
		Value  string `json:"value"`
	}
	var found []config
	for k, v := range c.clientConfig.all() {
		if (req.UserID == "" || k.userID == req.UserID) && (req.Key == "" || k.key == req.Key) {
			found = append(found, config{k.key, k.userID, v})
		}
	}
	return struct {
		Total   int      `json:"total"`
		Configs []config `json:"configs"`
	}{len(found), pageOf(found, req.Pagination)}, nil
}
