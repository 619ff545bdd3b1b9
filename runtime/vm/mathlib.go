package vm

import (
	"math"
	"math/rand/v2"

	lua "github.com/yuin/gopher-lua"
)

// openMath replaces what the stock math library gets wrong: huge, the checks of random, mod and the messages.
func (v *VM) openMath() {
	t := v.L.GetGlobal("math").(*lua.LTable)
	t.RawSetString("huge", lua.LNumber(math.Inf(1)))
	for name, fn := range map[string]func(float64) float64{
		"abs": math.Abs, "acos": math.Acos, "asin": math.Asin, "atan": math.Atan, "ceil": math.Ceil, "cos": math.Cos,
		"cosh": math.Cosh, "exp": math.Exp, "floor": math.Floor, "log": math.Log, "log10": math.Log10,
		"sin": math.Sin, "sinh": math.Sinh, "sqrt": math.Sqrt, "tan": math.Tan, "tanh": math.Tanh,
		"deg": func(f float64) float64 { return f / (math.Pi / 180) },
		"rad": func(f float64) float64 { return f * (math.Pi / 180) },
	} {
		t.RawSetString(name, v.newFunction(name, func(c call) int {
			c.pushNum(fn(c.num(1)))
			return 1
		}))
	}
	for name, fn := range map[string]func(a, b float64) float64{
		"atan2": math.Atan2, "fmod": math.Mod, "mod": math.Mod, "pow": math.Pow,
		"ldexp": func(a, b float64) float64 { return math.Ldexp(a, max(min(truncate(b), 5000), -5000)) },
	} {
		t.RawSetString(name, v.newFunction(name, func(c call) int {
			c.pushNum(fn(c.num(1), c.num(2)))
			return 1
		}))
	}
	v.register(t, map[string]function{
		"frexp": mathFrexp, "max": mathMax, "min": mathMin, "modf": mathModf, "random": mathRandom,
		"randomseed": mathRandomSeed,
	})
}

func mathFrexp(c call) int {
	fraction, exponent := math.Frexp(c.num(1))
	c.pushNum(fraction)
	c.pushNum(float64(exponent))
	return 2
}

func mathModf(c call) int {
	f := c.num(1)
	whole := math.Trunc(f)
	c.pushNum(whole)
	if math.IsInf(f, 0) {
		c.pushNum(0)
	} else {
		c.pushNum(f - whole)
	}
	return 2
}

func mathMax(c call) int {
	most := c.num(1)
	for i := 2; i <= c.GetTop(); i++ {
		if f := c.num(i); f > most {
			most = f
		}
	}
	c.pushNum(most)
	return 1
}

func mathMin(c call) int {
	least := c.num(1)
	for i := 2; i <= c.GetTop(); i++ {
		if f := c.num(i); f < least {
			least = f
		}
	}
	c.pushNum(least)
	return 1
}

// mathRandom draws from the VM's own source, which a script can seed to get the same numbers again.
func mathRandom(c call) int {
	draw := rand.Float64
	if c.v.random != nil {
		draw = c.v.random.Float64
	}
	low, high := 1.0, 0.0
	switch c.GetTop() {
	case 0:
		c.pushNum(draw())
		return 1
	case 1:
		high = math.Trunc(c.num(1))
		if high < 1 {
			c.bad(1, "interval is empty")
		}
	case 2:
		low, high = math.Trunc(c.num(1)), math.Trunc(c.num(2))
		if low > high {
			c.bad(2, "interval is empty")
		}
	default:
		c.RaiseError("wrong number of arguments")
	}
	c.pushNum(math.Floor(draw()*(high-low+1)) + low)
	return 1
}

func mathRandomSeed(c call) int {
	seed := math.Float64bits(c.num(1))
	c.v.random = rand.New(rand.NewPCG(seed, seed))
	return 0
}
