package openim

import (
	"context"
	"encoding/json"
	"os"
	"sync"
	"time"

	"github.com/openimsdk/imctl/bindings/fault"
)

// Generation is the line of the message server. Two are in the field and differ in their endpoints (OPERATIONS.md).
type Generation string

// The generations.
const (
	GenerationMain Generation = "main"  // main and the 3.8.4 pre-releases
	Generation383  Generation = "3.8.3" // 3.8.3 and its patches
)

const (
	pathConfigList = "/config/get_config_list" // only main has it
	generationAge  = 24 * time.Hour            // servers get updated: ask again after so long
)

type generationCache struct {
	flight flight[Generation]
	mu     sync.Mutex
	known  Generation
	asked  time.Time
}

type generationRecord struct {
	API        string     `json:"api"`
	Generation Generation `json:"generation"`
	Asked      time.Time  `json:"asked"`
}

// Generation tells the server's line. The server is asked once and the answer kept for a day, in the cache folder too.
func (c *Client) Generation(ctx context.Context) (Generation, error) {
	if g, ok := c.gen.held(); ok {
		return g, nil
	}
	r := &request{at: c.im, path: pathConfigList}
	g, e := c.gen.flight.do(ctx, r, c.findGeneration)
	if e != nil {
		return "", e
	}
	return g, nil
}

func (c *Client) findGeneration(ctx context.Context) (Generation, *fault.Error) {
	if g, ok := c.gen.held(); ok {
		return g, nil
	}
	path := ""
	if c.cfg.CacheDir != "" {
		path = cachePath(c.cfg.CacheDir, "im", c.cfg.Context, "generation")
		if rec, ok := readGeneration(path, c.cfg.API.Value); ok {
			c.gen.keep(rec.Generation, rec.Asked)
			return rec.Generation, nil
		}
	}
	g, e := c.askGeneration(ctx)
	if e != nil {
		return "", e
	}
	now := time.Now()
	c.gen.keep(g, now)
	if path != "" {
		if err := writePrivate(path, generationRecord{API: c.cfg.API.Value, Generation: g, Asked: now.UTC()}); err != nil {
			c.tracer.note("the server's generation is not cached: %v", err)
		}
	}
	return g, nil
}

func (c *Client) askGeneration(ctx context.Context) (Generation, *fault.Error) {
	_, err := c.Call(ctx, pathConfigList, nil)
	e := fault.From(err)
	switch {
	case e == nil, e.Code == codeNoPermission, e.Code == codeInternal:
		return GenerationMain, nil // the route is there, whatever it says
	case e.Kind == fault.Unsupported && e.Status == 404:
		return Generation383, nil
	}
	return "", e
}

func (g *generationCache) held() (Generation, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.known, g.known != "" && time.Since(g.asked) < generationAge
}

func (g *generationCache) keep(found Generation, asked time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.known, g.asked = found, asked
}

// forgetGeneration drops what is known, after a sign that the server is another one now.
func (c *Client) forgetGeneration() {
	c.gen.keep("", time.Time{})
	if c.cfg.CacheDir != "" {
		_ = os.Remove(cachePath(c.cfg.CacheDir, "im", c.cfg.Context, "generation"))
	}
}

func readGeneration(path, api string) (generationRecord, bool) {
	var rec generationRecord
	data, ok := readPrivate(path)
	if !ok || json.Unmarshal(data, &rec) != nil || rec.API != api {
		return rec, false
	}
	known := rec.Generation == GenerationMain || rec.Generation == Generation383
	return rec, known && time.Since(rec.Asked) < generationAge && time.Until(rec.Asked) < time.Minute
}

// mainOnly tells whether path came after the 3.8.3 line (REST-API.md, NEW).
func mainOnly(path string) bool {
	switch path {
	case "/user/get_user_client_config", "/user/set_user_client_config", "/user/del_user_client_config",
		"/user/page_user_client_config", "/msg/send_simple_msg", "/conversation/delete_conversations",
		"/conversation/update_conversations_by_user", pathConfigList, "/config/get_config", "/config/set_config",
		"/config/reset_config", "/config/set_enable_config_manager", "/config/get_enable_config_manager", "/restart":
		return true
	}
	return false
}
