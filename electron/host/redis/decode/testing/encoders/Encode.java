import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints one JSON line for each fixture, as encode.py does. */
public class Encode {
  enum Level { LOW, HIGH }

  static class Base implements Serializable {
    private static final long serialVersionUID = 1;
    long id = 9007199254740993L;
  }

  static class User extends Base {
    private static final long serialVersionUID = 1;
    String name = "Ad\u00e9 \ud83c\udf89 \u0000";
    int age = 36;
    double score = 0.5;
    boolean active = true;
    char letter = 'x';
    byte[] raw = {1, -1};
    int[] numbers = {1, 2, 3};
    String[] words = {"a", "b"};
    Level level = Level.HIGH;
    User self = this;
    Integer boxed = 7;
  }

  static void put(String name, String layers, Object value) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    System.out.println("{\"name\": \"" + name + "\", \"layers\": [" + layers + "], \"b64\": \"" + Base64.getEncoder().encodeToString(bytes.toByteArray()) + "\"}");
  }

  public static void main(String[] arguments) throws Exception {
    put("Java object", "\"java\"", new User());
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", 1L);
    map.put("tags", new ArrayList<>(List.of("a", "b")));
    map.put("when", new Date(1700000000000L));
    map.put("level", Level.LOW);
    put("Java map", "\"java\"", map);
    put("Java string with JSON", "\"java\", \"json\"", "{\"@class\":\"shop.Cart\",\"total\":9.90}");
  }
}
