-- Each request has the next header field of a file. Arguments: the file, the number of threads. The threads begin at different lines, so
-- that together they use all of them.
dofile(debug.getinfo(1, 'S').source:match('^@(.*/)') .. 'wrk-report.lua')

local threads = 0

function setup(thread)
  thread:set('number', threads)
  threads = threads + 1
end

local requests = {}
local position = 0

function init(args)
  for line in io.lines(args[1]) do
    local name, value = line:match('^([^:]+): (.+)$')
    requests[#requests + 1] = wrk.format(nil, nil, { [name] = value })
  end
  position = math.floor(#requests * number / tonumber(args[2]))
end

function request()
  position = position % #requests + 1
  return requests[position]
end
