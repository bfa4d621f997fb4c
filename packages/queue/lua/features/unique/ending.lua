-- @needs freeing, id
freeing[#freeing + 1] = id
