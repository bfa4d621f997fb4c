-- Its key will be free.
-- @needs freeing, id
freeing[#freeing + 1] = id
