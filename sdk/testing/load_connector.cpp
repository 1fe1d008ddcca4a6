#include <dlfcn.h>

#include <stdexcept>

#include "sluice/testing/mock_host.hpp"

namespace sluice::testing {

sluice_entry load_connector(const std::filesystem::path& library) {
    void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error(dlerror());
    auto entry = reinterpret_cast<sluice_entry>(dlsym(handle, SLUICE_ENTRY_NAME));
    if (entry == nullptr) throw std::runtime_error(dlerror());
    return entry;
}

}  // namespace sluice::testing
