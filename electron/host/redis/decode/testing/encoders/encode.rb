# Prints one JSON line for each fixture, as encode.py does.
def put(name, layers, data)
  quoted = layers.map { |layer| "\"#{layer}\"" }.join(', ')
  puts "{\"name\": \"#{name}\", \"layers\": [#{quoted}], \"b64\": \"#{[data].pack('m0')}\"}"
end

module ActiveSupport
  module Cache
    class Entry
      def initialize(value)
        @value = value
        @version = nil
        @created_at = 0.0
        @expires_in = 1700000000.25
      end
    end
  end
end
Point = Struct.new(:x, :y)
shared = 'shared'
value = { id: 42, 'name' => 'Ada', list: [1, -129, 70_000, 2**70, -(2**40)], float: 1.5, whole: 3.0, inf: Float::INFINITY, nil: nil, yes: true, sym: :id, a: shared, b: shared, re: /a+/i, point: Point.new(1, 2), bin: "\xff\x00".b, klass: String }
put('Ruby hash', ['ruby'], Marshal.dump(value))
put('Rails cache entry in Marshal', ['ruby'], Marshal.dump(ActiveSupport::Cache::Entry.new(value: [1, 2])))
envelope = ["\x00\x11".b, 0x01, 1_700_000_000.5, -1].pack('a2CEl<')
put('Rails 7.1 cache entry', %w[rails ruby], envelope + Marshal.dump({ 'id' => 1, 'title' => 'Readable title' }))
put('Rails 7.1 entry of text', ['rails'], ["\x00\x11".b, 0x02, -1.0, 3].pack('a2CEl<') + 'v12' + 'plain text of a fragment')
