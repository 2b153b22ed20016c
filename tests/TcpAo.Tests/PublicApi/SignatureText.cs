using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace TcpAo.Tests.PublicApi;

/// <summary>Types and parameters as C# spells them, with what the compiler noted of nullable references.</summary>
internal sealed class SignatureText
{
    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    private readonly NullabilityInfoContext _nullability = new();

    public string Type(FieldInfo field) => Name(field.FieldType, _nullability.Create(field));

    public string Type(EventInfo happening) => Name(happening.EventHandlerType!, _nullability.Create(happening));

    public string Type(PropertyInfo property) => ByRef(property.PropertyType, property, property.GetMethod?.ReturnParameter) + Name(property.PropertyType, _nullability.Create(property));

    public string Return(MethodInfo method) => ByRef(method.ReturnType, method.ReturnParameter, method.ReturnParameter) + Name(method.ReturnType, _nullability.Create(method.ReturnParameter));

    public string Parameters(MethodBase method)
    {
        string first = method.IsDefined(typeof(ExtensionAttribute), inherit: false) ? "this " : "";
        return first + Parameters(method.GetParameters());
    }

    public string Parameters(IEnumerable<ParameterInfo> parameters) => string.Join(", ", parameters.Select(Parameter));

    /// <summary>The name of a type in its declaration: within the types around it, with its type parameters.</summary>
    public static string Declared(Type type) => Name(type);

    public static string Name(Type type) => Name(type, null);

    public static string Constraints(IEnumerable<Type> parameters)
    {
        string text = "";
        foreach (Type parameter in parameters.Where(parameter => parameter.IsGenericParameter))
        {
            GenericParameterAttributes flags = parameter.GenericParameterAttributes;
            bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            List<string> constraints = [];
            if (isStruct)
            {
                constraints.Add("struct");
            }
            else if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                constraints.Add("class");
            }

            constraints.AddRange(parameter.GetGenericParameterConstraints().Where(type => type != typeof(ValueType)).Select(Name).Order(StringComparer.Ordinal));
            if (!isStruct && flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
            {
                constraints.Add("new()");
            }

            if (flags.HasFlag(GenericParameterAttributes.AllowByRefLike))
            {
                constraints.Add("allows ref struct");
            }

            text += constraints.Count == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", constraints)}";
        }

        return text;
    }

    public static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        char c => $"'{c}'",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private string Parameter(ParameterInfo parameter)
    {
        string passed = parameter switch
        {
            { ParameterType.IsByRef: false } => parameter.IsDefined(typeof(ParamArrayAttribute), inherit: false) || parameter.IsDefined(typeof(ParamCollectionAttribute), inherit: false) ? "params " : "",
            { IsOut: true } => "out ",
            _ when parameter.IsDefined(typeof(RequiresLocationAttribute), inherit: false) => "ref readonly ",
            { IsIn: true } => "in ",
            _ => "ref ",
        };
        string scoped = parameter.IsDefined(typeof(ScopedRefAttribute), inherit: false) && !parameter.IsOut && passed is not "params " ? "scoped " : "";
        string value = parameter.HasDefaultValue ? $" = {Default(parameter)}" : "";
        return $"{scoped}{passed}{Name(parameter.ParameterType, _nullability.Create(parameter))} {parameter.Name}{value}";
    }

    private static string Default(ParameterInfo parameter)
    {
        Type type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return parameter.RawDefaultValue switch
        {
            null => type.IsValueType && type == parameter.ParameterType ? "default" : "null",
            object value when type.IsEnum => $"{Name(type)}.{Enum.ToObject(type, value)}",
            object value => Literal(value),
        };
    }

    private static string ByRef(Type type, ICustomAttributeProvider member, ParameterInfo? returned)
    {
        if (!type.IsByRef)
        {
            return "";
        }

        bool isReadOnly = member.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) || returned?.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) == true;
        return isReadOnly ? "ref readonly " : "ref ";
    }

    private static string Name(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
        {
            // what is known of the nullability belongs to the type referred to
            return Name(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        bool canBeNull = !type.IsValueType && (nullability?.ReadState is NullabilityState.Nullable || nullability?.WriteState is NullabilityState.Nullable);
        string mark = canBeNull ? "?" : "";
        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        if (type.IsPointer)
        {
            return Name(type.GetElementType()!) + "*";
        }

        if (s_keywords.TryGetValue(type, out string? keyword))
        {
            return keyword + mark;
        }

        string own = type.Name.Split('`')[0];
        string outer = type is { IsNested: true, IsGenericParameter: false } ? Name(type.DeclaringType!) + "." : "";
        if (!type.IsGenericType)
        {
            return outer + own + mark;
        }

        NullabilityInfo[] known = nullability?.GenericTypeArguments ?? [];
        Type[] arguments = type.GetGenericArguments();
        IEnumerable<string> names = arguments.Select((argument, i) => Name(argument, known.Length == arguments.Length ? known[i] : null));
        return type.GetGenericTypeDefinition().FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)
            ? $"({string.Join(", ", names)}){mark}"
            : $"{outer}{own}<{string.Join(", ", names)}>{mark}";
    }
}
