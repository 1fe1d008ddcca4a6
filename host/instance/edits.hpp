// Changes of one instance without its file.
#pragma once

#include <string>

#include "instance/prepare.hpp"
#include "json/value.hpp"

namespace sluice::instance {

// Nothing of it starts, until it is resumed. Doing either twice changes nothing.
edit pause();
edit resume();
// Its undeploy flows run, then it is forgotten. Once more: those that failed are tried again.
edit remove();
// To a version of its integration that was applied; empty: the newest. `conflict`: there is none.
edit upgrade(std::string version);
// To the version that it had before the last change of version; that one can be rolled back, too.
edit roll_back();
// Values of its config by name; null takes a value away, so that the default counts.
edit set_config(json::value values);

// `one`, which goes from a version to another: values under names that the other version does not
// know, and that had another name before, get that one back.
base::result<kept_instance> with_names_of(const kept_instance& one,
                                          const manifest::integration& before,
                                          const manifest::integration& after);

}  // namespace sluice::instance
