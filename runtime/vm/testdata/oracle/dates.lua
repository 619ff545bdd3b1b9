-- os.date and os.time, in UTC.
print(os.date("!%Y-%m-%d %H:%M:%S", 0), os.date("!%c", 86399), os.date("!%x %X %p", 43200), os.date("!%a %A %b %B %d %j %U %w %W %y %%", 1e9))
for _, s in ipairs{0, 1e9, 1609459200, 1582934400, 951782400, 1704067199} do print(os.date("!%Y-%m-%d %j %U %W %w %I %M %y", s)) end
local t = os.date("!*t", 1582934400) print(t.year, t.month, t.day, t.hour, t.min, t.sec, t.wday, t.yday, t.isdst)
local a = os.time{year = 2020, month = 1, day = 1, hour = 0} print(os.time{year = 2020, month = 14, day = -3, hour = 50} - a, os.time{year = 2020, month = 1, day = 1} - a)
print(os.time{year = "2020", month = "01", day = "08", hour = 0} - a, os.time{year = 2019, month = 13, day = 1, hour = 0} - a, os.difftime(5, 3), type(os.time()), type(os.clock()))
for _, t in ipairs{{}, {year = 2020}, {year = 2020, month = 1}, {year = 2020, month = 1, day = "x"}} do print((select(2, pcall(os.time, t)):gsub("^[^:]*:%d+: ", ""))) end
print(pcall(os.time, 5) == false, pcall(os.date, {}) == false, os.date("", 0) == "", os.date("!%H", 3600.9))
