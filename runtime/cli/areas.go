package cli

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/group"
	"github.com/openimsdk/imctl/bindings/user"
)

// Areas lists every area of operations. A new area is one line here.
func Areas() []bindings.Area {
	return []bindings.Area{
		user.Area(),
		group.Area(),
	}
}
