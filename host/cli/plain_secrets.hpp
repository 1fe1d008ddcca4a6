// Values of the secrets that a plain document names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"

namespace sluice::cli {

// Gives `flow` each secret that its documents' authentications name, and hides it from what is
// shown: from `given` ("NAME=@FILE"), otherwise from the environment (SLUICE_SECRET_NAME: upper
// case, everything but letters and digits as "_"). Reads files. Errors name the secret, or what is
// wrong with `given`, and no value.
base::result<void> give_secrets(const std::vector<std::string>& given, engine::bound_flow& flow);

}  // namespace sluice::cli
