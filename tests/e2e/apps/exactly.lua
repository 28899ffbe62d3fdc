-- For wrk: each thread sends an exact share of requests, the paths in turn, then waits for the answers and says so.
-- Arguments after `--`: the share of one thread, then the paths.

local share
local paths = {}
local sent = 0
local answered = 0

function init(arguments)
  share = tonumber(arguments[1])
  for i = 2, #arguments do
    paths[#paths + 1] = wrk.format("GET", arguments[i])
  end
end

-- wrk asks before each request how many milliseconds to wait: for ever, once the share is sent.
function delay()
  if sent >= share then
    return 3600 * 1000
  end
  sent = sent + 1
  return 0
end

local turn = 0
function request()
  turn = turn % #paths + 1
  return paths[turn]
end

function response()
  answered = answered + 1
  if answered == share then
    io.stderr:write("share done\n")
    io.stderr:flush()
  end
end
