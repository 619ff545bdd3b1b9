package openim

// Sendable tells whether /msg/send_msg takes messages of a content type (SERVER-BEHAVIOUR §7).
func Sendable(contentType int64) bool {
	switch contentType {
	case 101, 102, 103, 104, 105, 106, 110, 114, 118, 1400:
		return true
	}
	return false
}
