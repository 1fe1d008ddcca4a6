// Where something is delivered to and how it is signed: of `callback` and of `alerts`. Inside the
// module only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

// The member `url` of `at`. `what` ("a callback") needs one, as in `example`. `references`: a
// config variable may be meant by { $ref: config.x }.
template_value read_delivery_url(const cursor& at, std::string_view what, std::string_view example,
                                 const expression_context& context, bool references);

// The member `secret`, { $ref: config.x } of a secret. Without one there is a warning.
std::optional<std::string> read_delivery_secret(const cursor& at, std::string_view what,
                                                const integration& of);

}  // namespace sluice::manifest
