local M = {}

function M.must_be_even(n)
	expect(n % 2):equals(0)
end

return M
