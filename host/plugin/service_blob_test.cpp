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

namespace {

plugin_world_options durable() {
    plugin_world_options options;
    options.durable_blobs = true;
    options.blob_quota = 100'000;
    return options;
}

}  // namespace

TEST_F(service_blob, a_sealed_blob_is_durable_before_the_call_has_ended) {
    plugin_world world(durable());
    world.install("probe");
    struct flow {
        services* test;
        const sluice_blob_1* blobs = nullptr;
        sluice_blob* one = nullptr;
    } state{this};
    begin([&] {
        state.blobs = service<sluice_blob_1>("sluice.blob/1");
        state.one = state.blobs->create(call, view("text/plain"));
        state.blobs->write(
            call, state.one, "hello", 5,
            [](void* user, const sluice_error* error, std::uint64_t) {
                EXPECT_EQ(error, nullptr);
                auto& here = *static_cast<flow*>(user);
                here.blobs->seal(here.test->call, here.one);
                const std::string id = text_of(here.blobs->id(here.one));
                here.blobs->release(here.one);
                here.test->finish("\"" + id + "\"");
            },
            &state);
    });
    const auto outcome = world.run(*code, as("acme", 5));
    ASSERT_TRUE(outcome.output_json);
    const std::string id = outcome.output.as_string();
    EXPECT_TRUE(std::filesystem::exists(world.root.path() / "blobs" / "x0000000000005" / id));
    // The same folder, another process.
    world.connectors->blobs().forget(5);
    const auto found = world.connectors->blobs().find(5, id);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->length(), 5u);
    EXPECT_EQ(found->content_type(), "text/plain");
}

TEST_F(service_blob, beyond_the_quota_a_write_is_unsupported) {
    plugin_world world(durable());
    world.install("probe");
    const std::string bytes(100'001, 'x');
    sluice_blob* one = nullptr;
    const sluice_blob_1* blobs = nullptr;
    begin([&] {
        blobs = service<sluice_blob_1>("sluice.blob/1");
        one = blobs->create(call, view(""));
        blobs->write(
            call, one, bytes.data(), bytes.size(),
            [](void* user, const sluice_error* error, std::uint64_t) {
                end_with_code<services>(user, error);
            },
            this);
    });
    EXPECT_EQ(*world.run(*code, as("acme", 5)).output_json, std::to_string(SLUICE_UNSUPPORTED));
    blobs->release(one);
}

}  // namespace sluice::plugin
