# Runs a test program that was built with one promise broken, and passes only if every test that
# guards this promise fails, and no other does. Lists are separated by "|": ctest eats semicolons.
#   cmake -DPROGRAM=... -DMUST=name|name -DMAY=name|name -P expect_red.cmake
# MUST fail each time; MAY fail, because their cases are random.
cmake_minimum_required(VERSION 3.25)
execute_process(
  COMMAND ${PROGRAM} --gtest_brief=1
  OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
string(REGEX MATCHALL "\\[  FAILED  \\] [A-Za-z_]+/[A-Za-z_]+\\.[a-z_]+" failed "${output}")
list(TRANSFORM failed REPLACE ".*\\." "")
list(REMOVE_DUPLICATES failed)
string(REPLACE "|" ";" must "${MUST}")
string(REPLACE "|" ";" may "${MAY}")
if(NOT result EQUAL 1)
  message(FATAL_ERROR "expected failing tests, got result ${result}\n${output}\n${errors}")
endif()
foreach(one IN LISTS must)
  if(NOT one IN_LIST failed)
    message(FATAL_ERROR "this test guards the promise and did not fail: ${one}\n${output}")
  endif()
endforeach()
foreach(one IN LISTS failed)
  if(NOT one IN_LIST must AND NOT one IN_LIST may)
    message(FATAL_ERROR "another test failed than those that guard the promise: ${one}\n${output}")
  endif()
endforeach()
