package vm

import (
	"testing"
	"time"

	lua "github.com/yuin/gopher-lua"
)

// loopsSource are loops whose bodies begin with a jump; what they print is what PUC Lua 5.1 prints.
const loopsSource = `
for l in ("a b c"):gmatch("%a") do break end for r in ("d e"):gmatch("%a") do break end print("adjacent")
for l in ("a b c"):gmatch("%a") do local z = 1 break end for r in ("d e"):gmatch("%a") do do break end end print("blocks")
for i = 1, 3 do break end for r in ("d e"):gmatch("%a") do break end print("numeric first")
for l in ("a"):gmatch("%a") do while true do break end end print("inner while")
for l in ("a"):gmatch("%a") do repeat break until false end print("inner repeat")
while true do while true do break end break end print("nested while")
repeat do break end until false print("repeat")
local n = 0
for k, v in pairs({1, 2, 3}) do for _ in pairs({1}) do break end n = n + 1 end print(n)
local function f() for _, x in ipairs({5, 6}) do for _ in ipairs({1}) do break end if x == 6 then return x end end end print(f())
for _ in pairs({1, 2}) do do end n = n + 1 end print(n)
`

const loopsOutput = `adjacent
blocks
numeric first
inner while
inner repeat
nested while
repeat
3
6
5
`

func TestLoopsThatBeginWithAJump(t *testing.T) {
	got, err := runWithin(t, 5*time.Second, loopsSource)
	if err != nil || got != loopsOutput {
		t.Errorf("got\n%s%v\nwant\n%s", got, err, loopsOutput)
	}
}

// TestStockLoopNeverEnds shows the fault in the engine as it is.
func TestStockLoopNeverEnds(t *testing.T) {
	L := lua.NewState()
	defer L.Close()
	err := L.DoString(`local n = 0
		local function more() n = n + 1 if n > 1000 then error("still going") end return n end
		for l in more do break end for r in more do break end`)
	if err == nil {
		t.Error("the engine's loop ends: leadIn may go")
	}
}
