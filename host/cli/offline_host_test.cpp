#include "cli/offline_host.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/base_testing.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::cli {
namespace {

TEST(offline_host, does_not_end_before_its_connectors_were_asked_to) {
    const base::temporary_folder folder;
    std::filesystem::copy(plugin::fixture("open_hangs"), folder.path());
    bool told = false;
    {
        offline_host host(offline_host::time::real);
        ASSERT_TRUE(host.use_connectors(folder.path(), {}));
        engine::connector_call call;
        call.connector = "broken";
        call.request.action = "echo";
        call.request.input_json = "{}";
        host.calls()->start(std::move(call), [&](const engine::connector_reply& reply) {
            told = true;
            EXPECT_FALSE(reply.outcome.output_json);
        });
        host.finish();
        EXPECT_TRUE(host.run());
        host.loop().post([&] { host.finish(); });  // of something that ended at the same time
    }
    EXPECT_TRUE(told);
}

}  // namespace
}  // namespace sluice::cli
