// HttpClient sends a file, as the original's client for .NET does. Arguments: endpoint, file, parts that are sent in
// parallel. It prints the seconds it took.
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

const int ChunkBytes = 8 * 1024 * 1024;
var (endpoint, file, parts) = (new Uri(args[0]), args[1], int.Parse(args[2]));
using var http = new HttpClient();
http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", Environment.GetEnvironmentVariable("AUTHORIZATION"));
http.DefaultRequestHeaders.Add("Tus-Resumable", "1.0.0");

var stopwatch = Stopwatch.StartNew();
var size = new FileInfo(file).Length;
if (parts == 1) await Send(0, size, []);
else
{
    var edges = Enumerable.Range(0, parts + 1).Select(number => size * number / parts).ToArray();
    var sending = Enumerable.Range(0, parts)
        .Select(number => Send(edges[number], edges[number + 1], [("Upload-Concat", "partial")]));
    var addresses = await Task.WhenAll(sending);
    await Create([("Upload-Concat", $"final;{string.Join(' ', addresses.Select(address => address.AbsolutePath))}")]);
}
Console.WriteLine(stopwatch.Elapsed.TotalSeconds.ToString(CultureInfo.InvariantCulture));

async Task<Uri> Send(long first, long last, (string, string)[] headers)
{
    var address = await Create([("Upload-Length", $"{last - first}"), .. headers]);
    using var source = File.OpenHandle(file, options: FileOptions.Asynchronous);
    var buffer = new byte[ChunkBytes];
    for (var at = first; at < last;)
    {
        var count = await RandomAccess.ReadAsync(source, buffer.AsMemory(0, (int)Math.Min(ChunkBytes, last - at)), at);
        var content = new ByteArrayContent(buffer, 0, count);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/offset+octet-stream");
        await Answer(new(HttpMethod.Patch, address) { Content = content }, [("Upload-Offset", $"{at - first}")]);
        at += count;
    }
    return address;
}

async Task<Uri> Create((string, string)[] headers) => new(endpoint, await Answer(new(HttpMethod.Post, endpoint), headers));

async Task<Uri> Answer(HttpRequestMessage request, (string Name, string Value)[] headers)
{
    foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
    using var response = await http.SendAsync(request);
    response.EnsureSuccessStatusCode();
    return response.Headers.Location ?? request.RequestUri!;
}
