// broker.js -- the MQTT broker aedes for a test: node broker.js PORT [FOLDER].
//
// Listens on 127.0.0.1. With a folder it keeps sessions and what it retains there, by
// aedes-persistence-level; without one in memory, as aedes does by itself.
'use strict'
const net = require('net')
const path = require('path')

// Installed elsewhere, so that nothing of it lies in the checkout.
const modules = process.env.AEDES_MODULES || path.join(__dirname, 'node_modules')
const load = (name) => require(path.join(modules, name))
const aedes = load('aedes')

const [port, folder] = process.argv.slice(2)
const options = { heartbeatInterval: 1000 }
if (folder) {
  const { Level } = load('level')
  const persistence = load('aedes-persistence-level')
  options.persistence = persistence(new Level(folder, { valueEncoding: 'binary' }))
}

const broker = aedes(options)
broker.on('client', (client) => console.log('connected', client.id))
broker.on('clientError', (client, error) => console.log('client', client.id, error.message))
broker.on('connectionError', (client, error) => console.log('connection', error.message))
net.createServer(broker.handle).listen(Number(port), '127.0.0.1', () => {
  console.log('running')
})
