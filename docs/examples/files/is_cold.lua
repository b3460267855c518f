-- Says no, with a reason, when the weather is warm.
local found = context.response.temperature
return {success = found < context.params.below, message = "it is " .. found}
