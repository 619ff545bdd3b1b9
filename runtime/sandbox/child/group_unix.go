//go:build unix

package child

import "syscall"

// ownGroup keeps a Ctrl-C on the terminal from ending the sandbox before the script's cleanup has run.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
