cat > p.lua <<'EOF'
local function sieve(n)
  local composite, primes = {}, {}
  for i = 2, n do
    if not composite[i] then
      primes[#primes + 1] = i
      for j = i * i, n, i do composite[j] = true end
    end
  end
  return primes
end
local primes = sieve(20000)
print(#primes, primes[#primes], 7 // 2, 7 / 2, -7 % 3, 2 ^ 0.5, 1 << 62, math.maxinteger, math.type(3.0))
local co = coroutine.wrap(function(a) for i = 1, 3 do a = a + coroutine.yield(a * i) end end)
print(co(1), co(2), co(3))
local Point = setmetatable({}, {__call = function(class, x, y) return setmetatable({x = x, y = y}, class) end})
Point.__index, Point.__add = Point, function(a, b) return Point(a.x + b.x, a.y + b.y) end
Point.__tostring = function(p) return string.format("(%d, %d)", p.x, p.y) end
print(tostring(Point(1, 2) + Point(3, 4)))
print(("hello world"):gsub("o", "0"), ("key = value"):match("(%w+)%s*=%s*(%w+)"), string.pack("<i4z", 7, "x"):byte(1, -1))
print(select(2, pcall(error, {code = 7})).code, select(2, pcall(function() local x; return x.y end)))
goto done
print("skipped")
::done::
local words = {}
for line in io.lines("table") do for word in line:gmatch("%a+") do words[word] = (words[word] or 0) + 1 end end
local names = {}
for word in pairs(words) do names[#names + 1] = word end
table.sort(names, function(a, b) return words[a] > words[b] or words[a] == words[b] and a < b end)
print(table.concat(names, ",", 1, 4), utf8.char(228, 8364), utf8.len("äß"), #"äß")
local f <close> = assert(io.open("out", "w+"))
f:write("1\n", 2, "\n", 3.5, "\n")
f:seek("set", 2)
print(f:read("n", "n"), f:seek("end"))
local pipe = io.popen("echo from a pipe; exit 6")
print(pipe:read("a"), pipe:close())
print(os.getenv("HOME"), os.time({year = 2000, month = 1, day = 1, hour = 0}), os.date("!%F", 86400), os.rename("out", "out2"))
print(os.remove("none"), os.execute("exit 4"), io.open("none"))
collectgarbage()
print(collectgarbage("count") > 10, load("return 1 + 1")(), require("string") == string, debug.getinfo(1, "l").currentline)
local big = {}
for i = 1, 200000 do big[i] = tostring(i) end
print(#table.concat(big), #string.rep("x", 5000000), os.tmpname():match("^/tmp/lua_") ~= nil)
os.exit(5, true)
EOF
lua5.4 p.lua; echo $?
luac5.4 -o p.luac p.lua; lua5.4 p.luac > /dev/null; echo $?
lua5.4 -e 'error("gone")'; echo $?
echo 'print(...)' | lua5.4 - a b
lua5.4 -e 'x = '
lua5.4 -e 'for i = 1, 3 do io.stderr:write(i, " ") end print(#arg)'
lua5.4 -e 'local t = {} setmetatable(t, {__gc = function() print("collected") end})'
lua5.4 nothere.lua; echo $?
printf 'print(1 +\n1)\n' | lua5.4 -i 2>&1 | tail -n +2
