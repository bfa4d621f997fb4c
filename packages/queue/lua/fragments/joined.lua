-- The features of this script are those of the queue from now on.
-- @needs features, joinFeatures
-- @include join-features
features = joinFeatures(features, '@features')
