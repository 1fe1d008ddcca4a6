#include <gtest/gtest.h>

#include "plugin/services_testing.hpp"

namespace sluice::plugin {

namespace {
using service_blob = services;
}

TEST_F(service_blob, a_blob_is_written_sealed_read_and_found_by_its_id) {
    plugin_world world;
    world.install("probe");
    struct flow {
        services* test;
        const sluice_blob_1* blobs = nullptr;
        sluice_blob* one = nullptr;
        std::string bytes = std::string(2u << 20, 'x') + "end";  // larger than memory allows
        char tail[16] = {};
    } state{this};
    begin([&] {
        state.blobs = service<sluice_blob_1>("sluice.blob/1");
        state.one = state.blobs->create(call, view("text/plain"));
        state.blobs->write(
            call, state.one, state.bytes.data(), state.bytes.size(),
            [](void* user, const sluice_error* error, std::uint64_t written) {
                auto& here = *static_cast<flow*>(user);
                EXPECT_EQ(error, nullptr);
                EXPECT_EQ(written, here.bytes.size());
                here.blobs->seal(here.test->call, here.one);
                sluice_blob* found = here.blobs->find(here.test->call, here.blobs->id(here.one));
                ASSERT_NE(found, nullptr);
                EXPECT_EQ(here.blobs->length(found), here.bytes.size());
                here.blobs->release(here.one);
                here.blobs->read(
                    here.test->call, found, here.bytes.size() - 3, here.tail, sizeof here.tail,
                    [](void* again, const sluice_error* failed, std::uint64_t got) {
                        auto& inner = *static_cast<flow*>(again);
                        EXPECT_EQ(failed, nullptr);
                        EXPECT_EQ(std::string(inner.tail, got), "end");
                        inner.test->finish();
                    },
                    user);
                here.blobs->release(found);
            },
            &state);
    });
    EXPECT_TRUE(world.run(*code, as("acme", 5)).output_json);
    EXPECT_EQ(world.connectors->blobs().count(), 1u);
    world.connectors->blobs().forget(5);
    EXPECT_EQ(world.connectors->blobs().count(), 0u);
}

TEST_F(service_blob, a_blob_of_another_execution_is_not_found) {
    plugin_world world;
    world.install("probe");
    const auto other = world.connectors->blobs().create(7, "text/plain");
    begin([&] {
        const auto* blobs = service<sluice_blob_1>("sluice.blob/1");
        EXPECT_EQ(blobs->find(call, view(other->id())), nullptr);
        finish();
    });
    (void)world.run(*code, as("acme", 8));
}

TEST_F(service_blob, an_unsealed_blob_cannot_be_read) {
    plugin_world world;
    world.install("probe");
    char buffer[8];
    sluice_blob* one = nullptr;
    const sluice_blob_1* blobs = nullptr;
    begin([&] {
        blobs = service<sluice_blob_1>("sluice.blob/1");
        one = blobs->create(call, view(""));
        blobs->read(
            call, one, 0, buffer, sizeof buffer,
            [](void* user, const sluice_error* error, std::uint64_t) {
                end_with_code<services>(user, error);
            },
            this);
    });
    EXPECT_EQ(*world.run(*code).output_json, std::to_string(SLUICE_CONFLICT));
    blobs->release(one);
}

}  // namespace sluice::plugin
