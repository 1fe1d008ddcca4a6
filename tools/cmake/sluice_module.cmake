# One host module: a static library from the sources in the folder, and beside it
#   <name>_test       every *_test.cpp
#   <name>_slow_test  every *_slow_test.cpp (left out of `tools/test --quick`)
#   <name>_bench      every *_bench.cpp (Google Benchmark, with SLUICE_BENCH)
#
#   sluice_module(json DEPENDS base LIBRARIES some::library
#     HEAVY json/value.hpp HEAVY_TESTS json/json_testing.hpp TOGETHER APART page.cpp)
#
# A *_main.cpp belongs to a program that the folder's CMakeLists.txt adds itself. Reading headers is
# more than half of the build, so each target precompiles what most of its sources include: the
# standard library's usual headers, GoogleTest in tests, and the headers named with HEAVY (the
# module's sources) and HEAVY_TESTS (its tests). Precompiled or not, a source names what it uses.
#
# TOGETHER compiles eight of the module's sources as one, which takes little more than half as long;
# those named with APART, whose own names are also those of others, alone. SLUICE_TOGETHER=OFF
# compiles each alone, as tools/check and the preset clang do.
option(SLUICE_TOGETHER "Compile several sources of a module as one" ON)
include(GoogleTest)
find_package(Threads REQUIRED)
if(SLUICE_TESTS)
  find_package(GTest REQUIRED)
endif()
if(SLUICE_BENCH)
  find_package(benchmark REQUIRED)
endif()

set(SLUICE_USUAL_HEADERS <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory>
  <optional> <span> <string> <string_view> <utility> <vector>)

# sluice_together(TARGET [APART file.cpp ...]): see TOGETHER above.
function(sluice_together target)
  cmake_parse_arguments(arg "" "" "APART" ${ARGN})
  if(NOT SLUICE_TOGETHER)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
  set_source_files_properties(${arg_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  # GCC takes what is in an included file for a header.
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endfunction()

function(sluice_test target)
  cmake_parse_arguments(arg "SLOW" "" "SOURCES;LIBRARIES;HEAVY" ${ARGN})
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE ${arg_LIBRARIES} GTest::gtest GTest::gmock
    GTest::gtest_main Threads::Threads)
  sluice_warnings(${target})
  list(LENGTH arg_SOURCES count)
  if(count GREATER 2)
    target_precompile_headers(${target} PRIVATE ${SLUICE_USUAL_HEADERS} <gmock/gmock.h>
      <gtest/gtest.h> ${arg_HEAVY})
  endif()
  set(properties TIMEOUT 300)
  if(arg_SLOW)
    set(properties TIMEOUT 900 LABELS slow)
  endif()
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${target}:"
    PROPERTIES ${properties})
endfunction()

function(sluice_module name)
  cmake_parse_arguments(arg "TOGETHER" "" "DEPENDS;LIBRARIES;HEAVY;HEAVY_TESTS;APART" ${ARGN})
  foreach(list arg_HEAVY arg_HEAVY_TESTS)
    list(TRANSFORM ${list} REPLACE "^([^<].*)$" "${PROJECT_SOURCE_DIR}/host/\\1")
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  set(slow_tests ${sources})
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER slow_tests INCLUDE REGEX "_slow_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests EXCLUDE REGEX "_slow_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_testing|_main)\\.cpp$")

  set(target sluice_${name})
  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
    sluice_warnings(${target})
    target_precompile_headers(${target} PRIVATE ${SLUICE_USUAL_HEADERS} ${arg_HEAVY})
    if(arg_TOGETHER)
      sluice_together(${target} APART ${arg_APART})
    endif()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(sluice::${name} ALIAS ${target})
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/host)
  list(TRANSFORM arg_DEPENDS PREPEND sluice::)
  target_link_libraries(${target} ${scope} ${arg_DEPENDS} ${arg_LIBRARIES} Threads::Threads)

  # What tests of this and later modules share: <name>_testing.cpp / .hpp
  file(GLOB testing CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_testing.cpp)
  set(test_libraries ${target})
  if(testing AND SLUICE_TESTS)
    add_library(${target}_testing STATIC ${testing})
    target_link_libraries(${target}_testing PUBLIC ${target} GTest::gtest)
    if(NOT name STREQUAL base)
      target_link_libraries(${target}_testing PUBLIC sluice_base_testing)
    endif()
    sluice_warnings(${target}_testing)
    list(LENGTH testing count)
    if(count GREATER 2)
      target_precompile_headers(${target}_testing PRIVATE ${SLUICE_USUAL_HEADERS} <gtest/gtest.h>)
    endif()
    add_library(sluice::${name}_testing ALIAS ${target}_testing)
    list(APPEND test_libraries ${target}_testing)
  endif()
  if(TARGET sluice_base_testing)
    list(APPEND test_libraries sluice_base_testing)
  endif()
  if(tests AND SLUICE_TESTS)
    sluice_test(${name}_test SOURCES ${tests} LIBRARIES ${test_libraries}
      HEAVY ${arg_HEAVY_TESTS})
  endif()
  if(slow_tests AND SLUICE_TESTS)
    sluice_test(${name}_slow_test SLOW SOURCES ${slow_tests} LIBRARIES ${test_libraries}
      HEAVY ${arg_HEAVY_TESTS})
  endif()
  if(benches AND SLUICE_BENCH)
    add_executable(${name}_bench ${benches})
    target_link_libraries(${name}_bench PRIVATE ${target} benchmark::benchmark
      benchmark::benchmark_main)
    sluice_warnings(${name}_bench)
  endif()
endfunction()
