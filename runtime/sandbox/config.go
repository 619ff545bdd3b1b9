package sandbox

import (
	"encoding/json"
	"io"
)

// The area config (SERVER-BEHAVIOUR §6, config; OPERATIONS, config API), of a server
// without etcd: everything can be read, and nothing written.
func configEndpoints() []endpoint {
	return []endpoint{
		{path: "/config/get_config_list", access: adminOnly, newOnly: true, run: handleRaw(getConfigList)},
		{path: "/config/get_config", access: adminOnly, bind: strict, newOnly: true, run: handleRaw(getConfig)},
		{path: "/config/set_config", access: adminOnly, newOnly: true, run: handleRaw(setConfig)},
		{path: "/config/reset_config", access: adminOnly, newOnly: true, run: handleRaw(crashLater)},
		{path: "/config/set_enable_config_manager", access: adminOnly, newOnly: true, run: handleRaw(setConfigManager)},
		{path: "/config/get_enable_config_manager", access: adminOnly, newOnly: true, run: handleRaw(getConfigManager)},
		{path: "/restart", access: adminOnly, newOnly: true, run: handleRaw(crashLater)},
	}
}

func getConfigList(c *call) (any, error) {
	return struct {
		Environment string   `json:"environment"`
		Version     string   `json:"version"`
		ConfigNames []string `json:"configNames"`
	}{"source", "v3.8.4", keys(c.configFiles())}, nil
}

// getConfig answers a string that holds JSON, secrets in clear.
func getConfig(c *call) (any, error) {
	var req struct{ ConfigName string }
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxBody))
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	if err != nil {
		return nil, c.checkFailed(argsError(err.Error()))
	}
	if req.ConfigName == "" {
		return nil, c.checkFailed(missingParameter("ConfigName"))
	}
	file, ok := c.configFiles().get(req.ConfigName)
	if !ok {
		return nil, argsError("config name not found")
	}
	text, err := json.Marshal(file)
	return string(text), err
}

// setConfig is refused before the body is read.
func setConfig(*call) (any, error) { return nil, uncodedError("only etcd support set config") }

func setConfigManager(*call) (any, error) {
	return nil, uncodedError("only etcd support config manager")
}

func getConfigManager(*call) (any, error) {
	panic("invalid memory address or nil pointer dereference: there is no etcd client")
}

// crashLater answers success; without etcd the real process is expected to crash a
// moment later. The sandbox is saner and only says so in its log.
func crashLater(c *call) (any, error) {
	c.Server.log.Printf("%s: a real server without etcd would crash now", c.r.URL.Path)
	return nil, nil
}
