using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;

// As much of the context of a policy as ours use:
// https://learn.microsoft.com/azure/api-management/api-management-policy-expressions#ContextVariables
public class Named
{
    public string Id { get; set; }
}

public class Address
{
    public string Path { get; set; }
}

public class Request
{
    public IReadOnlyDictionary<string, string[]> Headers { get; set; }
    public Address OriginalUrl { get; set; }
}

public class Context
{
    public Request Request { get; set; }
    public Named Operation { get; set; }
    public Named Subscription { get; set; }
}

public static class HeaderExtensions
{
    public static string GetValueOrDefault(this IReadOnlyDictionary<string, string[]> headers, string name, string otherwise) =>
        headers.TryGetValue(name, out var values) ? string.Join(",", values) : otherwise;
}

public class Call
{
    public Dictionary<string, string[]> Headers { get; set; }
    public string Path { get; set; }
    public string Operation { get; set; }
}

public static class Program
{
    /// Reads calls from the file calls.json, and prints what each expression comes to for each.
    public static void Main()
    {
        var calls = JsonSerializer.Deserialize<List<Call>>(File.ReadAllText("calls.json"));
        var results = calls.Select(call => Expressions.Of(new Context
        {
            Request = new Request
            {
                Headers = new Dictionary<string, string[]>(call.Headers, StringComparer.OrdinalIgnoreCase),
                OriginalUrl = new Address { Path = call.Path },
            },
            Operation = new Named { Id = call.Operation },
            Subscription = new Named { Id = "subscription" },
        }));
        Console.WriteLine(JsonSerializer.Serialize(results));
    }
}
