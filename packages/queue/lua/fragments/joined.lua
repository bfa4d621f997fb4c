-- @needs features, joinFeatures
-- @include join-features
features = joinFeatures(features, '@features')
