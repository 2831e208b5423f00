// Ends the process with one line if Node is older than package.json requires, or if the tools do not work in the folder. Every npm
// script loads it first: it is written in the JavaScript of 2009 and uses no dependency.
'use strict';

var path = require('path');

var root = path.join(__dirname, '..');
var needed = require(path.join(root, 'package.json')).engines.node.replace('>=', '');

/**
 * Whether version `a`, as `20.19.1`, is older than version `b`.
 *
 * @param {string} a
 * @param {string} b
 */
function isOlder(a, b) {
  var ours = a.split('.');
  var theirs = b.split('.');
  for (var i = 0; i < theirs.length; i += 1) {
    var difference = parseInt(ours[i] || '0', 10) - parseInt(theirs[i] || '0', 10);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** @param {string} message */
function refuse(message) {
  console.error(message);
  process.exit(1);
}

var current = process.versions.node;
if (isOlder(current, needed)) {
  refuse('Node ' + needed + ' or later is needed, and this is Node ' + current + ': see https://nodejs.org');
}
// In Vite, they begin a fragment or a query, or are a wildcard.
if (/[#?*]/.test(root)) {
  refuse('The storefront cannot be built in a folder whose path contains #, ? or *: move or rename ' + root);
}
