package sandbox

// imAreas is the API of the IM server (port 10002 of a real deployment).
func imAreas() [][]endpoint {
	return [][]endpoint{
		authEndpoints(),
		userEndpoints(),
		notificationEndpoints(),
		onlineEndpoints(),
		userDataEndpoints(),
		friendEndpoints(),
		groupEndpoints(),
		messageEndpoints(),
		conversationEndpoints(),
		jssdkEndpoints(),
		statisticsEndpoints(),
		thirdEndpoints(),
		objectEndpoints(),
		configEndpoints(),
	}
}

// chatAdminAreas is the admin API of the chat server (port 10009).
func chatAdminAreas() [][]endpoint {
	return [][]endpoint{
		chatAdminEndpoints(),
		chatUserAdminEndpoints(),
		chatBlockEndpoints(),
		chatDefaultEndpoints(),
		chatSettingsEndpoints(),
		chatAppEndpoints(),
	}
}

// chatAPIAreas is the user API of the chat server (port 10008).
func chatAPIAreas() [][]endpoint {
	return [][]endpoint{
		chatUserEndpoints(),
	}
}
