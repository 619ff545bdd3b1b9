-- The names of what can't be called, in the messages of errors.
local function strip(ok, message) print((tostring(message):gsub("^[^:]*:%d+: ", ""))) end
local function try(f, ...) strip(pcall(f, ...)) end
local t, s, up, deep = { n = 1, b = true, t = {} }, "text", nil, { a = { b = {} } }
local function id(...) return ... end

-- Globals, fields, methods, locals, parameters, upvalues.
try(function() foo() end)
try(function() t.foo() end)
try(function() deep.a.b.c() end)
try(function() t["two words"]() end)
try(function() t:foo() end)
try(function() deep.a.b:foo(1, 2) end)
try(function() s:nope() end)
try(function() ("x"):nope() end)
try(function() string.nope() end)
try(function() local l; l() end)
try(function() local a, b = 1, 2; b() end)
try(function(p) p() end)
try(function(p, q) q(p) end, 1, 2)
try(function() up() end)
try(function() return (function() return up() end)() end)

-- What is called is of any type.
try(function() t.n() end)
try(function() t.b() end)
try(function() t.t() end)
try(function() s() end)
try(function() t() end)
try(function() local co = coroutine.create(id); co() end)

-- Calls among other things of the line.
try(function() return foo() end)
try(function() return t.foo(1) end)
try(function() return t:foo(1) end)
try(function() return 1, foo() end)
try(function() return id(foo()) end)
try(function() return id(1, foo(2), 3) end)
try(function() return id(id(id(t.nope(id(1))))) end)
try(function() return foo() + 1 end)
try(function() return 1 + foo() end)
try(function() return "a" .. foo() .. "b" end)
try(function() return not foo() end)
try(function() return foo() and 1 end)
try(function() return t and foo() end)
try(function() return up or t.foo() end)
try(function() return { 1, foo(), x = 2 } end)
try(function() return { x = t.foo() } end)
try(function() return foo().x end)
try(function() return t[foo()] end)
try(function() local x = foo(1) end)
try(function() local x, y = id(1), t.foo() end)
try(function() local x; x = foo(x) end)
try(function() local x, y; x, y = 1, foo() end)
try(function() t.x = foo() end)
try(function() if foo() then end end)
try(function() while t.foo() do end end)
try(function() repeat until up() end)
try(function() for i = 1, foo() do end end)
try(function() for k, v in foo() do end end)

-- Arguments that are functions, whose upvalues are instructions too; registers that locals have had before.
try(function() foo(function() return t, s, up end) end)
try(function() local a, b = 1, 2; t.foo(function() return a, b, up end, function() return b end) end)
try(function(p) foo(function() return p end) end)
try(function() do local a = 1 end do local b = 2 end local c; c() end)
try(function() do local a = id end local b; b() end)
try(function() for i = 1, 1 do local j = i; foo(j) end end)
try(function() for i = 1, 2 do local f = ({ id })[i]; f() end end)
try(function(p) p = foo(p) end)
try(function(p) p = t.foo(p) end, id)
try(function(...) foo(...) end, 1, 2, 3)
try(function(...) local a = ...; a(...) end, 1, 2, 3)
try(function(...) return t.foo(...) end, 1, 2, 3)

-- Through other calls.
try(function() string.gsub("x", "x", function() nofn() end) end)
try(function() table.sort({ 3, 1, 2 }, function(a, b) return t.less(a, b) end) end)
try(coroutine.wrap(function() id() foo() end))
try(function() setmetatable({}, { __index = function(_, k) return foo(k) end }).x = nil; return setmetatable({}, { __index = function(_, k) return foo(k) end }).x end)
try(function() return setmetatable({}, { __call = function(self, a) return t.foo(a) end })(1) end)
try(function() return setmetatable({}, { __add = function(a, b) return up(a, b) end }) + 1 end)
try(nil)
try(1)
strip(xpcall(function() foo() end, function(m) return m end))

-- What a script raises itself is left as it is.
try(error, "attempt to call a non-function object")
try(function() error("attempt to call a non-function object", 0) end)
