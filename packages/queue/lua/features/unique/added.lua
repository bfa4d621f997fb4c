-- Adds with a unique key are decided one by one.
-- @needs addKeyed, arguments, decided, due, duplicates, i, id, position, row, survivors, waiting
      local claim = arguments[i + @extra:unique]
      if claim ~= '' then
        decided = true
        local other, blocks = addKeyed(i, id, row, due, claim)
        if other then
          duplicates[#duplicates + 1] = position
          survivors[#survivors + 1] = other
        elseif blocks then
          waiting[#waiting + 1] = position
        end
      end
