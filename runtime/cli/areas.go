package cli

import (
	"github.com/openimsdk/imctl/bindings"
	"github.com/openimsdk/imctl/bindings/api"
	"github.com/openimsdk/imctl/bindings/client"
	"github.com/openimsdk/imctl/bindings/conversation"
	"github.com/openimsdk/imctl/bindings/data"
	"github.com/openimsdk/imctl/bindings/friend"
	"github.com/openimsdk/imctl/bindings/group"
	"github.com/openimsdk/imctl/bindings/message"
	"github.com/openimsdk/imctl/bindings/user"
)

// Areas lists every area of operations. A new area is one line here.
func Areas() []bindings.Area {
	return []bindings.Area{
		user.Area(),
		group.Area(),
		friend.Area(),
		message.Area(),
		client.Area(),
		conversation.Area(),
		data.Area(),
		api.Area(),
	}
}
